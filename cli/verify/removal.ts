import type { Admin } from '../../protocol/cluster/cluster.ts';
import type { ControlPlane } from '../../protocol/keys/control-plane.ts';
import { keyDescription } from '../../protocol/keys/rotated-key.ts';
import { unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { Aws } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { WallClock } from '../clock.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type Failure, failed } from '../outcome/failure.ts';
import { FailureError, failureOf } from './explain.ts';
import { until } from './follow.ts';
import { type Leftover, leftoverOf } from './leftovers.ts';

const QUIET_WITHIN_MS = 10_000;
const NEVER = new AbortController().signal;
const CLEAN = 'Run `zilliz-rotation verify --clean` with the same options.';

export interface RemovalPorts {
  readonly aws: Aws;
  readonly adminCluster: AdminCluster;
  readonly clock: WallClock;
  /** The admin of a cluster. `undefined`: nobody can drop a user. */
  readonly adminAt: (endpoint: string) => Promise<Admin | undefined>;
  /** Of the keys of the leftovers. */
  readonly organization: ControlPlane | undefined;
}

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
  await dropUser(leftover, ports);
  await deleteKeys(leftover, ports);
  await ports.aws.rotation.deleteSecret(secret.arn);
}

function notRemoved(message: string, advice: string): FailureError {
  return new FailureError(failed('not-removed', message, advice));
}

async function dropUser({ user }: Leftover, { adminAt, adminCluster }: RemovalPorts): Promise<void> {
  if (user === undefined) {
    return;
  }
  const admin = await adminAt(user.endpoint);
  const answer = admin && (await adminCluster.dropUser(admin, user.username));
  if (answer?.kind !== 'done') {
    const why = answer === undefined ? 'No admin is given.' : `The cluster answers: ${answer.answer}.`;
    throw notRemoved(`The user ${user.username} is not dropped. ${why}`, `${CLEAN} Give --admin-secret.`);
  }
}

async function deleteKeys({ arn, name, hasKeys }: Leftover, { aws, clock, organization }: RemovalPorts): Promise<void> {
  if (!hasKeys) {
    return;
  }
  if (organization === undefined) {
    throw notRemoved(`The API keys of ${name} are not deleted.`, `${CLEAN} Give --manager.`);
  }
  // A step that still runs may create a key.
  const store = aws.store(arn);
  const isQuiet = async (): Promise<boolean> => unfinishedVersion(await store.describe()) === undefined;
  await until({ clock, interrupted: NEVER }, QUIET_WITHIN_MS, isQuiet);
  for (const { id, description } of await organization.list()) {
    // A check appends dots.
    if (description.replace(/\.+$/, '') === keyDescription({ arn })) {
      await organization.delete(id);
    }
  }
}
