import { advise } from '../../advice.ts';
import { AwsError } from '../../aws/aws-error.ts';
import type { Inspection } from '../../aws/inspection.ts';
import { type Answers, fail, pass, unknown, unknownBecause, warning } from '../check.ts';
import type { DoctorContext } from '../context.ts';

/** The first check, because no other check works without an identity. */
export async function checkIdentity({ inspection }: { readonly inspection: Inspection }): Promise<Answers> {
  try {
    const { arn, account } = await inspection.callerIdentity();
    return [pass(`AWS knows this command as ${arn} in the account ${account}.`)];
  } catch (error) {
    return [error instanceof AwsError ? fail(error.message, error.advice) : unknownBecause(error)];
  }
}

/** What the other commands need. */
const COMMAND_ACTIONS = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:ListSecretVersionIds',
  'secretsmanager:RotateSecret',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

export async function checkPermissions({ inspection, examination }: DoctorContext): Promise<Answers> {
  try {
    const { arn } = await inspection.callerIdentity();
    if (arn.endsWith(':root')) {
      return [pass('The root user of the account needs no policy.')];
    }
    const caller = roleOfSession(arn);
    const answers = await inspection.simulate(caller, COMMAND_ACTIONS, examination.secret.arn);
    const denied = [...answers].filter(([, answer]) => answer === 'denied').map(([action]) => action);
    return [
      denied.length === 0
        ? pass('The policies of this identity allow every action of the commands on the secret.')
        : warning(
            `The policies of this identity do not allow ${denied.join(', ')} on the secret.`,
            advise`docs/cli.md#permissions leads to the permissions that each command needs. Ask for the ones that you need.`,
          ),
    ];
  } catch (error) {
    return [unknownBecause(error)];
  }
}

/** IAM simulates a role, and not a session of the role. */
function roleOfSession(arn: string): string {
  return arn.replace(/^arn:([^:]+):sts::(\d+):assumed-role\/(.+)\/[^/]+$/, 'arn:$1:iam::$2:role/$3');
}

/** What each step of a rotation calls. */
const ROTATION_ACTIONS = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:ListSecretVersionIds',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

export async function checkExecutionRole(context: DoctorContext): Promise<Answers> {
  const { inspection, examination, rotationFunction } = context;
  if (rotationFunction === 'absent' || rotationFunction instanceof AwsError) {
    return [unknown('The execution role is not known, because the function was not read.')];
  }
  const { roleArn } = rotationFunction;
  try {
    const answers = await inspection.simulate(roleArn, ROTATION_ACTIONS, examination.secret.arn);
    const denied = [...answers].filter(([, answer]) => answer === 'denied').map(([action]) => action);
    return [
      denied.length === 0
        ? pass(`The policies of ${roleArn} allow every step on the secret.`)
        : fail(
            `The policies of ${roleArn} do not allow ${denied.join(', ')} on the secret.`,
            advise`Add the secret to the configuration of the rotation stack, and deploy the stack.`,
          ),
    ];
  } catch (error) {
    return [unknownBecause(error)];
  }
}

/** The key of the secret, and the older keys of versions that are still in use. */
export async function checkKeys({ inspection, examination, rotationFunction }: DoctorContext): Promise<Answers> {
  const { secret, tried } = examination;
  const denied = tried.filter(({ why }) => why === 'denied').map(({ candidate }) => candidate.versionId);
  if (denied.length > 0) {
    return [
      fail(
        `AWS does not decrypt the versions ${denied.join(', ')} for this identity.`,
        advise`Ask for kms:Decrypt with the key that the secret had when these versions were stored. The execution role needs it too.`,
      ),
    ];
  }
  if (secret.kmsKeyId === undefined) {
    return [pass('The secret uses the key of AWS for Secrets Manager, which needs no permission of its own.')];
  }
  try {
    const key = await inspection.key(secret.kmsKeyId);
    if (key === undefined) {
      return [
        fail(
          `The key ${secret.kmsKeyId} does not exist.`,
          advise`Give the secret an existing key: \`aws secretsmanager update-secret --secret-id ${secret.name} --kms-key-id KEY-ARN\`. Then store its credential again.`,
        ),
      ];
    }
    if (key.state !== 'Enabled') {
      return [
        fail(
          `The key ${secret.kmsKeyId} has the state ${key.state}.`,
          key.state === 'PendingDeletion'
            ? advise`Cancel the deletion: \`aws kms cancel-key-deletion --key-id ${secret.kmsKeyId}\`, then \`aws kms enable-key --key-id ${secret.kmsKeyId}\`.`
            : advise`Enable it: \`aws kms enable-key --key-id ${secret.kmsKeyId}\`.`,
        ),
      ];
    }
    if (rotationFunction === 'absent' || rotationFunction instanceof AwsError) {
      return [pass(`The key ${key.arn} is enabled.`)];
    }
    const answers = await inspection.simulate(
      rotationFunction.roleArn,
      ['kms:Decrypt', 'kms:GenerateDataKey'],
      key.arn,
    );
    const refused = [...answers].filter(([, answer]) => answer === 'denied').map(([action]) => action);
    return [
      refused.length === 0
        ? pass(`The key ${key.arn} is enabled, and the execution role may use it.`)
        : warning(
            `The policies of ${rotationFunction.roleArn} do not allow ${refused.join(' and ')} with ${key.arn}. The policy of the key may allow it.`,
            advise`Give the construct the key (encryptionKey), and deploy the stack.`,
          ),
    ];
  } catch (error) {
    return [unknownBecause(error)];
  }
}
