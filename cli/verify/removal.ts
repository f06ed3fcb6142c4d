import { AwsError } from '../aws/aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import type { Failure } from '../outcome/failure.ts';
import { FailureError } from '../outcome/failure-error.ts';
import { failureOf } from './explain.ts';
import { CLEAN, leftoverOf, notRemoved, type RemovalPorts } from './leftovers.ts';

/**
 * Removes the secrets of these names or ARNs, and what belongs to them. Ctrl-C does not stop it.
 *
 * @returns why something is left
 * @throws every error that is a fault of the command
 */
export async function removeAll(secretIds: readonly string[], ports: RemovalPorts): Promise<Failure | undefined> {
  let failure: Failure | undefined;
  for (const secretId of secretIds) {
    try {
      await remove(secretId, ports);
    } catch (error) {
      const advice = error instanceof FailureError ? error.failure.advice : `Remove the cause. ${CLEAN}`;
      failure = { ...failureOf(error, 'failed'), advice };
    }
  }
  return failure;
}

/** @throws FailureError, AwsError, SecretStoreError, ControlPlaneError */
async function remove(secretId: string, ports: RemovalPorts): Promise<void> {
  const secret = await catchKnown(ports.aws.rotation.describeSecret(secretId), AwsError);
  if (secret instanceof AwsError) {
    if (secret.kind !== 'not-found') {
      throw secret;
    }
    return;
  }
  const leftover = leftoverOf(secret);
  if (leftover === undefined) {
    throw notRemoved(
      `The secret ${secret.name} lacks the tags of this command.`,
      'Delete it if a run of this command made it.',
    );
  }
  // AWS refuses it for a secret whose rotation was never configured.
  await catchKnown(ports.aws.rotation.cancelRotation(secret.arn), AwsError);
  // The secret goes last, because it is how a later command finds its user and its keys.
  await leftover.removeCredential(ports);
  await ports.aws.rotation.deleteSecret(secret.arn);
}
