import { accountAndRegionOf } from '../../protocol/secret/account-and-region.ts';
import { ROTATION_ACTIONS } from '../../protocol/secret/rotated-secrets.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { Inspection } from '../aws/inspection.ts';
import { placeName } from '../aws/place.ts';
import { deniedVersions } from '../examine/tried-versions.ts';
import { catchKnown } from '../outcome/failure.ts';
import { type Answer, type DoctorCheck, type DoctorContext, fail, ofFunction, pass, warning } from './check.ts';

/** The first check, because no other check works without an identity. */
export async function checkIdentity(inspection: Inspection): Promise<Answer> {
  const identity = await catchKnown(inspection.callerIdentity(), AwsError);
  return identity instanceof AwsError
    ? fail(identity.message, identity.advice)
    : pass(`AWS knows this command as ${identity.arn} in ${placeName(identity)}.`);
}

async function simulateDeniedActions(
  inspection: Inspection,
  ...[principal, actions, resource, context]: Parameters<Inspection['simulate']>
): Promise<readonly string[]> {
  const answers = await inspection.simulate(principal, actions, resource, context);
  return [...answers].filter(([, answer]) => answer === 'denied').map(([action]) => action);
}

export const checkExecutionRole: DoctorCheck = ofFunction(
  'The execution role',
  async ({ roleArn }, { inspection, examination }) => {
    const denied = await simulateDeniedActions(inspection, roleArn, ROTATION_ACTIONS, examination.secret.arn);
    return denied.length === 0
      ? pass(`The policies of ${roleArn} allow every step on the secret.`)
      : fail(
          `The policies of ${roleArn} do not allow ${denied.join(', ')} on the secret.`,
          'Add the secret to the configuration of the rotation stack, and deploy the stack.',
        );
  },
);

/** The key of the secret, and the older keys of versions that are still in use. */
export async function checkKeys({ inspection, examination, rotationFunction }: DoctorContext): Promise<Answer> {
  const { secret } = examination;
  const undecryptable = deniedVersions(examination);
  if (undecryptable.length > 0) {
    return fail(
      `AWS does not decrypt the versions ${undecryptable.join(', ')} for this identity.`,
      'Ask for kms:Decrypt with the key that the secret had when these versions were stored. The execution role needs it too.',
    );
  }
  if (secret.kmsKeyId === undefined) {
    return pass('The secret uses the key of AWS for Secrets Manager, which needs no permission of its own.');
  }
  const key = await inspection.key(secret.kmsKeyId);
  if (key === undefined) {
    return fail(
      `The key ${secret.kmsKeyId} does not exist.`,
      `Give the secret an existing key: \`aws secretsmanager update-secret --secret-id ${secret.name} --kms-key-id KEY-ARN\`. Then store its credential again.`,
    );
  }
  if (key.state !== 'Enabled') {
    return fail(
      `The key ${secret.kmsKeyId} has the state ${key.state}.`,
      key.state === 'PendingDeletion'
        ? `Cancel the deletion: \`aws kms cancel-key-deletion --key-id ${secret.kmsKeyId}\`, then \`aws kms enable-key --key-id ${secret.kmsKeyId}\`.`
        : `Enable it: \`aws kms enable-key --key-id ${secret.kmsKeyId}\`.`,
    );
  }
  if (rotationFunction === undefined || rotationFunction instanceof AwsError) {
    return pass(`The key ${key.arn} is enabled.`);
  }
  const { roleArn } = rotationFunction;
  // The policy of the function allows the key only through Secrets Manager, and for its secrets.
  const conditionKeys = {
    'kms:ViaService': `secretsmanager.${accountAndRegionOf(secret.arn).region}.${secret.arn.startsWith('arn:aws-cn:') ? 'amazonaws.com.cn' : 'amazonaws.com'}`,
    'kms:EncryptionContext:SecretARN': secret.arn,
  };
  const actions = ['kms:Decrypt', 'kms:GenerateDataKey'];
  const denied = await simulateDeniedActions(inspection, roleArn, actions, key.arn, conditionKeys);
  return denied.length === 0
    ? pass(`The key ${key.arn} is enabled, and the execution role may use it.`)
    : warning(
        `The policies of ${roleArn} do not allow ${denied.join(' and ')} with ${key.arn}. The policy of the key may allow it.`,
        'Give the construct the key (encryptionKey), and deploy the stack.',
      );
}
