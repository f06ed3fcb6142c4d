import { isAdmin } from '../../protocol/credential/admin-credential.ts';
import type { UsableCredential } from '../../protocol/credential/stored-credential.ts';
import { placeText } from '../aws/place.ts';
import { readStoredRoles } from '../aws/stored-roles.ts';
import { type AdminPorts, readAdmin, readUsers, type UsableAdmin } from '../change/admin.ts';
import type { PlanStep, ResetStep } from '../change/step.ts';
import type { Examination } from '../examine/examination.ts';
import { refusalOfStaleCopies } from '../examine/stale-copies.ts';
import { explainResetOfSameUser } from '../examine/users-of-secret.ts';
import { type Failure, failed, refused } from '../outcome/failure.ts';
import type { RepairCommandOptions } from './repair-definition.ts';

/** What an admin does, known before anything changes. */
export interface PreparedReset {
  readonly admin: UsableAdmin;
  /** For a user without an accepted password, which gets a new one. */
  readonly lost: ResetStep | undefined;
  /** The step that grants roles, and removes their tag. */
  readonly grants: readonly PlanStep[];
}

export interface PrepareResetPorts extends AdminPorts {
  readonly newPassword: () => string;
}

/**
 * Finds out what an admin is needed for: a new password for a user without an accepted one, first
 * for the user in AWSCURRENT, or roles that an interrupted repair did not grant.
 *
 * @returns `undefined` if no admin is needed, or none is named
 * @throws SecretStoreError
 */
export async function prepareReset(
  examination: Examination,
  { adminSecret, recreateUser = false, role: roles = [] }: RepairCommandOptions,
  ports: PrepareResetPorts,
): Promise<PreparedReset | Failure | undefined> {
  const { current, search, other, secret } = examination;
  if (current === undefined || adminSecret === undefined) {
    return undefined;
  }
  const isCurrentLost = search.kind === 'none';
  const isLost = isCurrentLost || (search.kind === 'found' && other?.search.kind === 'none');
  const username = isLost && !isCurrentLost ? (other?.username ?? '') : current.credentials.username;
  const stored = readStoredRoles(secret.tags, username);
  const wanted = [...new Set([...roles, ...stored])];
  if (!isLost && (search.kind !== 'found' || wanted.length === 0)) {
    return undefined;
  }
  const stale = isLost ? refusalOfStaleCopies(examination) : undefined;
  if (stale !== undefined) {
    return stale;
  }
  const admin = await readAdmin(adminSecret, current.credentials.endpoint, ports);
  if (admin.kind !== 'usable') {
    return admin;
  }
  const refusal = refuseReset(examination, username, admin);
  if (refusal !== undefined) {
    return refusal;
  }
  const doing = isLost ? ['Store a new password, and set it as the admin'] : ['Grant the missing roles as the admin'];
  const users = await readUsers(admin, [username], doing, placeText(secret.arn), ports);
  if ('code' in users) {
    return users;
  }
  const found = users.get(username);
  const granted = found?.kind === 'found' ? found.roles : [];
  const user = found?.kind === 'found' || examination.knownUsers.has(username) ? username : 'the user in AWSCURRENT';
  const needsGrant = wanted.some((role) => !granted.includes(role)) || stored.length > 0;
  if (!isLost) {
    return { admin, lost: undefined, grants: needsGrant ? [grantStep(username, wanted)] : [] };
  }
  const known = knownRolesOf(examination, username, [...granted, ...wanted]);
  if (found?.kind !== 'found' && (!recreateUser || known.length === 0)) {
    return noSuchUser(current, recreateUser);
  }
  const credentials = { ...current.credentials, username, password: ports.newPassword() };
  const recreation = recreateUser ? { exists: found?.kind === 'found', roles: known } : undefined;
  const grantsRoles = recreation !== undefined || wanted.length > 0;
  return {
    admin,
    lost: { kind: 'reset-password', credentials, user, recreation },
    grants: grantsRoles ? [grantStep(username, recreation ? known : wanted)] : [],
  };
}

function grantStep(username: string, roles: readonly string[]): PlanStep {
  return { kind: 'grant-roles', username, user: username, roles };
}

/** Two users that take turns have the same roles, so the accepted one tells those of a lost one. */
function knownRolesOf(
  { current, search, other }: Examination,
  username: string,
  known: readonly string[],
): readonly string[] {
  const twin = username === current?.credentials.username ? other?.search : search;
  const ofTwin = known.length === 0 && twin?.kind === 'found' && other !== undefined ? twin.roles : [];
  return [...new Set([...known, ...ofTwin])];
}

function refuseReset({ current, secret, sameUser, search }: Examination, username: string, admin: UsableAdmin) {
  const { endpoint } = (current as UsableCredential).credentials;
  if (isAdmin(username, admin)) {
    return refused(
      'not-reset',
      `The password of ${username} is not reset, because this user administers the cluster.`,
      `Nothing was changed. Reset the password in the console of ${endpoint.host} and store it in the secret.`,
    );
  }
  // The other secrets are searched only if the admin sets a password.
  const sameUserFound =
    search.kind === 'none' ? explainResetOfSameUser(secret.name, endpoint.url, sameUser.others) : undefined;
  return sameUserFound && ({ kind: 'refused', ...sameUserFound } as const);
}

function noSuchUser({ credentials: { endpoint } }: UsableCredential, mayCreate: boolean): Failure {
  return mayCreate
    ? refused(
        'roles-needed',
        `${endpoint.url} has no such user, and nothing tells its roles. Without a role, the user could do nothing.`,
        'Nothing was changed. Repeat with --role ROLE for each role of the user.',
      )
    : failed(
        'no-such-user',
        `${endpoint.url} has no such user.`,
        'Nothing was changed. To create the user, repeat with --recreate-user and with --role ROLE for each of its roles.',
      );
}
