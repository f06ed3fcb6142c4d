import type { Admin } from '../../protocol/cluster/cluster.ts';
import { keyDescription } from '../../protocol/keys/rotated-key.ts';
import { ENDPOINT_TAG } from '../../protocol/secret/document.ts';
import { unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { failed } from '../outcome/failure.ts';
import { FailureError } from '../outcome/failure-error.ts';
import { CREATED_USERNAME } from './created-user.ts';
import { NAME } from './deployed.ts';
import { until } from './follow.ts';
import { type TemporaryKeys, USER_TAG, VERIFY_TAG, type VerifyPorts } from './temporary-credential.ts';

const NAMES = new RegExp(`${NAME}[0-9a-f]{16}$`);
const QUIET_WITHIN_MS = 10_000;
const NEVER = new AbortController().signal;

export const CLEAN = 'Run `zilliz-rotation verify --clean` with the same options.';

export interface RemovalPorts extends VerifyPorts {
  /** The admin of a cluster. `undefined`: nobody can drop a user. */
  readonly adminAt: (endpoint: string) => Promise<Admin | undefined>;
  /** The organization of the keys. */
  readonly keys: Pick<TemporaryKeys, 'organization'> | undefined;
}

/** What one run of the command has created. */
export interface Leftover {
  readonly arn: string;
  /** The step of a plan that removes it. */
  readonly step: string;
  /**
   * Removes the user or the keys, if the command created any.
   *
   * @throws FailureError, SecretStoreError, ControlPlaneError
   */
  readonly removeCredential: (ports: RemovalPorts) => Promise<void>;
}

/**
 * Whoever may tag a secret could name any user and any secret, so the names must be of the form
 * that only this command gives.
 */
export function leftoverOf({ arn, name, tags }: Pick<RotatingSecret, 'arn' | 'name' | 'tags'>): Leftover | undefined {
  const { [VERIFY_TAG]: kind, [USER_TAG]: username = '', [ENDPOINT_TAG]: endpoint } = tags;
  if (kind === undefined || !NAMES.test(name)) {
    return undefined;
  }
  const step = `Delete the secret ${name}`;
  if (kind === 'key') {
    const removeCredential = async (ports: RemovalPorts): Promise<void> => await deleteKeys(arn, name, ports);
    return { arn, step: `${step}, after the API keys that were created for it`, removeCredential };
  }
  if (!CREATED_USERNAME.test(username) || endpoint === undefined) {
    return { arn, step, removeCredential: async () => {} };
  }
  const removeCredential = async (ports: RemovalPorts): Promise<void> => await dropUser(username, endpoint, ports);
  return { arn, step: `${step}, after the user ${username} at ${endpoint}`, removeCredential };
}

export function notRemoved(message: string, advice: string): FailureError {
  return new FailureError(failed('not-removed', message, advice));
}

async function dropUser(username: string, endpoint: string, { adminAt, adminCluster }: RemovalPorts): Promise<void> {
  const admin = await adminAt(endpoint);
  const answer = admin && (await adminCluster.dropUser(admin, username));
  if (answer?.kind !== 'done') {
    const why = answer === undefined ? 'No admin is given.' : `The cluster answers: ${answer.answer}.`;
    throw notRemoved(`The user ${username} is not dropped. ${why}`, `${CLEAN} Give --admin-secret.`);
  }
}

async function deleteKeys(arn: string, name: string, { aws, clock, keys }: RemovalPorts): Promise<void> {
  if (keys === undefined) {
    throw notRemoved(`The API keys of ${name} are not deleted.`, `${CLEAN} Give --manager.`);
  }
  // A step that still runs may create a key.
  const store = aws.store(arn);
  const isQuiet = async (): Promise<boolean> => unfinishedVersion(await store.describe()) === undefined;
  await until({ clock, interrupted: NEVER }, QUIET_WITHIN_MS, isQuiet);
  for (const { id, description } of await keys.organization.list()) {
    // A check appends dots.
    if (description.replace(/\.+$/, '') === keyDescription({ arn })) {
      await keys.organization.delete(id);
    }
  }
}
