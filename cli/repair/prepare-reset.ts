import { isAdmin } from '../../protocol/credential/admin-credential.ts';
import { readAdmin, type UsableAdmin } from '../change/admin.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import type { NewCredentials } from '../change/reset-password.ts';
import type { Examination } from '../examine/examination.ts';
import { requireNoStaleCopies } from '../examine/stale-copies.ts';
import { refuse } from '../outcome/failure.ts';

export interface PreparedReset extends NewCredentials {
  readonly admin: UsableAdmin;
}

/**
 * Finds the user without an accepted password, which gets a new one: first the user in AWSCURRENT.
 *
 * @returns `undefined` if no admin is needed, or none is named, or none can help with an API key
 * @throws FailureError, SecretStoreError
 */
export async function prepareReset(
  examination: Examination,
  adminSecret: string | undefined,
  ports: ChangePorts,
): Promise<PreparedReset | undefined> {
  const { current, search, other, knownUsers, strategy } = examination;
  const username = search.kind === 'none' ? current?.credentials.username : other?.username;
  const isLost = search.kind === 'none' || (search.kind === 'found' && other?.search.kind === 'none');
  if (
    current === undefined ||
    adminSecret === undefined ||
    username === undefined ||
    !isLost ||
    strategy.needsManager
  ) {
    return undefined;
  }
  requireNoStaleCopies(examination);
  const { credentials } = current;
  const admin = await readAdmin(adminSecret, credentials.endpoint, ports);
  requireReset(examination, username, admin);
  return {
    admin,
    credentials: { ...credentials, username, password: ports.newPassword() },
    user: knownUsers.has(username) ? username : 'the user in AWSCURRENT',
  };
}

/** @throws FailureError if the password must not be reset */
function requireReset({ sameUser, search }: Examination, username: string, admin: UsableAdmin): void {
  if (isAdmin(username, admin)) {
    refuse(
      'not-reset',
      `The password of ${username} is not reset, because this user administers the cluster.`,
      "Reset the password in the cluster's console and store it in the secret.",
    );
  }
  // The secrets with the user in AWSCURRENT were searched.
  const found = search.kind === 'none' ? sameUser.explanation : undefined;
  if (found !== undefined) {
    refuse(found.code, found.message, found.advice);
  }
}
