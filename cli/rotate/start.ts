import type { Credentials } from '../../cluster/cluster.ts';
import { type EndpointOptions, readStoredCredential } from '../../credential/stored-credential.ts';
import { AWSCURRENT, holderOf } from '../../secret/versions.ts';
import type { Aws } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { RotatingSecret, RotationService } from '../aws/rotation-service.ts';
import { explainError } from '../explain-error.ts';
import { explainRefusal, howToFollow } from './explain.ts';
import type { RotateOutcome } from './outcome.ts';

export interface Ready {
  readonly kind: 'ready';
  readonly secret: RotatingSecret;
  readonly currentId: string;
  readonly functionArn: string;
  /** The credential that is current before the rotation. */
  readonly current: Credentials;
}

type Refused = Extract<RotateOutcome, { kind: 'refused' }>;

/**
 * Looks before anything is started: a rotation whose outcome could not be confirmed afterwards, because the login would
 * have to go to a host that is not allowed, is better not begun.
 */
export async function checkReadiness(aws: Aws, secretId: string, options: EndpointOptions): Promise<Ready | Refused> {
  try {
    const secret = await aws.rotation.describe(secretId);
    const { rotationFunctionArn: functionArn } = secret;
    if (secret.deletedAt !== undefined || functionArn === undefined || !secret.rotationEnabled) {
      return whyNotRotating(secret);
    }
    const currentId = holderOf(secret, AWSCURRENT);
    const text = currentId === undefined ? undefined : await aws.store(secretId).read(currentId);
    if (currentId === undefined || text === undefined) {
      return refused(
        'no-value',
        `${secret.name} holds no value yet.`,
        'Store the credential in it first, then rotate it.',
      );
    }
    const stored = readStoredCredential({ versionId: currentId, text, tags: secret.tags }, options);
    return stored.kind === 'usable'
      ? { kind: 'ready', secret, currentId, functionArn, current: stored.credentials }
      : refused(
          'unusable-secret',
          `The login that proves the rotation of ${secret.name} could not be tried afterwards. ${stored.problem}`,
          'Nothing was started. --allow-endpoint HOST allows a cluster of your own.',
        );
  } catch (error) {
    return { kind: 'refused', ...explainError(error) };
  }
}

/**
 * Calls RotateSecret. A call whose answer was lost may have started the rotation: then the secret itself is asked.
 *
 * @returns `undefined` when the rotation has started
 */
export async function start(
  rotation: RotationService,
  secretId: string,
  token: string,
  { secret }: Ready,
): Promise<RotateOutcome | undefined> {
  try {
    const answer = await rotation.rotate(secretId, token);
    return answer.kind === 'refused' ? { kind: 'refused', ...explainRefusal(answer, secret) } : undefined;
  } catch (error) {
    const explained = explainError(error);
    if (!(error instanceof AwsError && error.passing)) {
      return { kind: 'refused', ...explained };
    }
    try {
      const now = await rotation.describe(secretId);
      return now.versions.some(({ versionId }) => versionId === token) ? undefined : { kind: 'refused', ...explained };
    } catch {
      return {
        kind: 'running',
        code: 'start-unknown',
        message: `Whether a rotation of ${secret.name} was started is not known. ${explained.message}`,
        advice: howToFollow(secret.name),
      };
    }
  }
}

function whyNotRotating({ name, deletedAt, rotationFunctionArn }: RotatingSecret): Refused {
  if (deletedAt !== undefined) {
    return refused(
      'marked-for-deletion',
      `${name} is marked for deletion.`,
      `Restore it first: aws secretsmanager restore-secret --secret-id ${name}`,
    );
  }
  if (rotationFunctionArn === undefined) {
    return refused(
      'not-configured',
      `${name} has no rotation: no rotation function was ever set for it.`,
      'Add the secret to the configuration of the rotation stack and deploy it.',
    );
  }
  return refused(
    'rotation-off',
    `Rotation of ${name} is turned off: somebody called CancelRotateSecret, or the rotation stack was removed (cdk destroy) and its function with it. Starting one would turn its schedule on again, so this command does not.`,
    `If the function is gone, deploy the rotation stack again, with this secret in its configuration. If rotation was cancelled, see how it stands with: zilliz-rotation status ${name} – then turn it on with: aws secretsmanager rotate-secret --secret-id ${name}, which also rotates at once. The function: ${rotationFunctionArn}`,
  );
}

function refused(code: string, message: string, advice: string): Refused {
  return { kind: 'refused', code, message, advice };
}
