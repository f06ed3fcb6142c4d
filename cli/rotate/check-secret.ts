import { readCurrent, readVersionUnlessDenied } from '../../protocol/credential/read-version.ts';
import type {
  StoredCredential,
  UnusableCredential,
  UsableCredential,
} from '../../protocol/credential/stored-credential.ts';
import type { LocatedSecret, RotatingSecret } from '../aws/aws.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { describeSecret } from '../aws/place.ts';
import { searchFinding } from '../examine/findings.ts';
import { endpointsFor, type KnownStrategy, readStrategy, strategyOfValue } from '../examine/read-strategy.ts';
import { deletionFinding } from '../examine/rotation-findings.ts';
import type { SharedExaminePorts } from '../examine-ports.ts';
import { type CommandRefusal, refused } from '../outcome/failure.ts';
import type { SelectedSecret } from '../select/search.ts';

/** A secret whose rotation may start, and whose login can be confirmed after the rotation. */
export interface Checked extends LocatedSecret {
  readonly kind: 'checked';
  /** As given on the command line, or the ARN of a secret that was found. */
  readonly secretId: string;
  /** AWSCURRENT before the rotation. */
  readonly previous: UsableCredential;
  readonly strategy: KnownStrategy;
  /** Two users that take turns. `undefined` for a single user. */
  readonly users: readonly [next: string, current: string] | undefined;
  /** Reads a version as the function does. @throws SecretStoreError */
  readonly read: (versionId: string) => Promise<StoredCredential>;
}

/**
 * Refuses a secret whose login could not be confirmed after the rotation.
 *
 * @param read the secret, if it was read just now
 */
export async function checkSecret(
  { secretId, aws }: Pick<SelectedSecret, 'secretId' | 'aws'>,
  { endpoints }: Pick<SharedExaminePorts, 'endpoints'>,
  read?: RotatingSecret,
): Promise<Checked | CommandRefusal> {
  try {
    const secret = read ?? (await describeSecret(secretId, aws));
    const refusal = refusalByDescription(secret);
    if (refusal !== undefined) {
      return refusal;
    }
    const configured = await readStrategy(secret, undefined, aws);
    const readPorts = { store: aws.store(secretId), endpoints: endpointsFor(configured, endpoints) };
    const previous = await readCurrent(secret, readPorts);
    if (previous.kind === 'unusable') {
      return refusalOfUnusable(previous, secret.name);
    }
    const strategy = strategyOfValue(configured, previous);
    const { username: current } = previous.credentials;
    const next = strategy.next(previous.credentials, strategy.pins).username;
    return {
      ...{ kind: 'checked', secretId, secret, previous, strategy, aws },
      users: next === current ? undefined : [next, current],
      read: (versionId) => readVersionUnlessDenied(secret, versionId, readPorts),
    };
  } catch (error) {
    return { kind: 'refused', ...explainAwsError(error) };
  }
}

/**
 * Why no rotation of the secret can start. Decides by the answer of DescribeSecret alone.
 *
 * @returns `undefined` if this answer gives no reason
 */
function refusalByDescription(secret: RotatingSecret): CommandRefusal | undefined {
  const { name, rotationFunctionArn } = secret;
  const deletion = deletionFinding(secret);
  if (deletion !== undefined) {
    return refused(deletion.code, deletion.message, deletion.advice);
  }
  if (rotationFunctionArn === undefined) {
    return refused(
      'not-configured',
      `${name} has no rotation function.`,
      'Add the secret to the configuration of the rotation stack, and deploy the stack.',
    );
  }
  return secret.rotationEnabled
    ? undefined
    : refused(
        'rotation-off',
        `Rotation of ${name} is off. ` +
          'Somebody called CancelRotateSecret, or a version before 0.2.0 of this product removed the ' +
          'stack or the entry of this secret. ' +
          'RotateSecret would turn the schedule on again, so this command does not call it.',
        `Find out with \`zilliz-rotation status ${name}\` whether the function still exists, and how to turn rotation on.`,
      );
}

function refusalOfUnusable(current: UnusableCredential, name: string): CommandRefusal {
  if (current.reason === 'no-value') {
    return refused('no-value', `${name} holds no value yet.`, 'Store the credential in the secret, then rotate.');
  }
  const { message, advice } = searchFinding(current);
  return current.reason === 'endpoint'
    ? refused(
        'endpoint-refused',
        `This command would not be able to confirm the login of ${name} after a rotation. ${message}`,
        `Nothing was started. ${advice}`,
      )
    : refused(
        'unusable-secret',
        message,
        `Nothing was started. If somebody stored this value by mistake, \`zilliz-rotation status ${name}\` says how to restore the value before it. Otherwise: ${advice}`,
      );
}
