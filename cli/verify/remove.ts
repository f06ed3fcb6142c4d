import type { Admin } from '../../protocol/cluster/cluster.ts';
import type { ControlPlane } from '../../protocol/keys/control-plane.ts';
import { keyDescription } from '../../protocol/keys/rotated-key.ts';
import { ENDPOINT_TAG } from '../../protocol/secret/document.ts';
import { unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { failureOf } from '../aws/explain-aws-error.ts';
import { catchKnown, endWith, type Failure, FailureError, failed } from '../outcome/failure.ts';
import { shellWord } from '../terminal/text.ts';
import { waitUntil } from './follow.ts';
import type { VerifyPorts } from './run.ts';
import { CREATED_USERNAME, NAME, USER_TAG, VERIFY_TAG } from './temporary.ts';
import type { VerifyOptions } from './verify-definition.ts';

const NAMES = new RegExp(`${NAME}[0-9a-f]{16}$`);
const QUIET_WITHIN_MS = 10_000;
const LISTED_AFTER_MS = 10_000;
const NEVER = new AbortController().signal;

export interface RemovalPorts extends Pick<VerifyPorts, 'aws' | 'adminCluster' | 'clock' | 'options'> {
  /** The admin of a cluster. `undefined`: nobody can drop a user. */
  readonly adminAt: (endpoint: string) => Promise<Admin | undefined>;
  /** The organization of the keys of a secret. `undefined`: nobody can delete a key. */
  readonly organizationOf: (tags: Found['tags']) => Promise<ControlPlane | undefined>;
}

type Found = Pick<RotatingSecret, 'arn' | 'name' | 'tags'>;

/**
 * What a run has created: a secret, and the user or the keys that its tags name. Whoever may tag a
 * secret could name any user and any secret, so the names must be of the form that only this
 * command gives.
 *
 * @returns the step of a plan that removes it. `undefined`: this command did not create the secret
 */
export function removalOf({ name, tags }: Omit<Found, 'arn'>): string | undefined {
  if (tags[VERIFY_TAG] === undefined || !NAMES.test(name)) {
    return undefined;
  }
  const user = userIn(tags);
  const step = `Delete the secret ${name}`;
  if (user !== undefined) {
    return `${step}, after the user ${user.username} at ${user.endpoint}`;
  }
  return tags[VERIFY_TAG] === 'key' ? `${step}, after the API keys that were created for it` : step;
}

function userIn({ [USER_TAG]: username = '', [ENDPOINT_TAG]: endpoint }: Found['tags']) {
  return CREATED_USERNAME.test(username) && endpoint !== undefined ? { username, endpoint } : undefined;
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
      const found = failureOf(error, 'failed');
      failure =
        error instanceof FailureError ? found : { ...found, advice: `Remove the cause. ${howToClean(ports.options)}` };
    }
  }
  return failure;
}

function howToClean({ adminSecret, manager, function: functionArn }: VerifyOptions): string {
  const words = [
    ...(adminSecret === undefined ? [] : ['--admin-secret', adminSecret]),
    ...(manager ? ['--manager'] : []),
    ...(functionArn === undefined ? [] : ['--function', functionArn]),
  ];
  return `Run \`${['zilliz-rotation', 'verify', '--clean', ...words].map(shellWord).join(' ')}\`.`;
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
  if (removalOf(secret) === undefined) {
    const message = `The secret ${secret.name} lacks the tags of this command.`;
    endWith(failed('not-removed', message, 'Delete it if a run of this command made it.'));
  }
  // AWS refuses it for a secret whose rotation was never configured.
  await catchKnown(ports.aws.rotation.cancelRotation(secret.arn), AwsError);
  // The secret goes last, because it is how a later command finds its user and its keys.
  await dropUser(secret, ports);
  await deleteKeys(secret, ports);
  await ports.aws.rotation.deleteSecret(secret.arn);
}

async function dropUser({ tags }: Found, { adminAt, adminCluster, options }: RemovalPorts): Promise<void> {
  const user = userIn(tags);
  if (user === undefined) {
    return;
  }
  const admin = await adminAt(user.endpoint);
  const answer = admin && (await adminCluster.dropUser(admin, user.username));
  if (answer?.kind !== 'done') {
    const why = answer === undefined ? 'No admin is given.' : `The cluster answers: ${answer.answer}.`;
    const message = `The user ${user.username} is not dropped. ${why}`;
    endWith(failed('not-removed', message, howToClean({ adminSecret: 'ADMIN-SECRET', ...options })));
  }
}

async function deleteKeys(
  { arn, name, tags }: Found,
  { aws, clock, organizationOf, options }: RemovalPorts,
): Promise<void> {
  if (tags[VERIFY_TAG] !== 'key') {
    return;
  }
  const organization = await organizationOf(tags);
  if (organization === undefined) {
    const advice = howToClean({ ...options, manager: true });
    return endWith(failed('not-removed', `The API keys of ${name} are not deleted.`, advice));
  }
  // A step that still runs may create a key.
  const store = aws.store(arn);
  const isQuiet = async (): Promise<boolean> => unfinishedVersion(await store.describe()) === undefined;
  await waitUntil({ clock, interrupted: NEVER }, QUIET_WITHIN_MS, isQuiet);
  // ASSUMPTION keys-listed. Without the secret, no command finds a key that is listed later.
  await clock.sleep(LISTED_AFTER_MS, NEVER);
  for (const { id, description } of await organization.list()) {
    // A check appends dots.
    if (description.replace(/\.+$/, '') === keyDescription({ arn })) {
      await organization.delete(id);
    }
  }
}
