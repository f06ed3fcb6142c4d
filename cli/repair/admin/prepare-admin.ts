import type { UsableCredential } from '../../../protocol/credential/stored-credential.ts';
import { readStoredRoles, rolesTag } from '../../aws/stored-roles.ts';
import { describeUser, readAdmin, type UsableAdmin } from '../../cluster/admin-requests.ts';
import type { Examination } from '../../examine/examine-secret.ts';
import { noAnswerFinding } from '../../examine/findings.ts';
import { explainResetOfSameUser } from '../../examine/same-user/same-user-texts.ts';
import { refusalOfStaleCopies } from '../../examine/stale-copies.ts';
import { type Failure, failed, refused } from '../../outcome/failure.ts';
import type { RepairPorts } from '../ports.ts';
import { type Recreation, reasonNotToReset } from './recreate-user.ts';

export interface ResetOptions {
  readonly adminSecret: string | undefined;
  readonly recreateUser: boolean;
  /** Roles that an interrupted repair did not grant. */
  readonly roles: readonly string[];
}

/** What the requests of the admin need, known before anything changes. */
export interface PreparedAdmin {
  readonly kind: 'prepared';
  readonly admin: UsableAdmin;
  /** `undefined` if the operator does not allow it. */
  readonly recreation: Recreation | undefined;
  /** The roles of `ResetOptions.roles`, and those that an interrupted repair has stored. */
  readonly wanted: readonly string[];
  /** The wanted roles that the user lacks. All of them before the cluster was asked. */
  readonly missingRoles: readonly string[];
  /** The tag with the roles that an interrupted repair has stored. */
  readonly tag: string | undefined;
}

/** Whether the admin grants roles, or the repair removes their tag. */
export function concernsRoles({ missingRoles, tag }: PreparedAdmin): boolean {
  return missingRoles.length > 0 || tag !== undefined;
}

/**
 * Reads the credential of the admin. Sends nothing to the cluster.
 *
 * @returns `undefined` if the repair needs no admin: a stored password is in force, and neither
 * the options nor the tags of the secret name roles
 * @throws SecretStoreError
 */
export async function prepareAdmin(
  examination: Examination,
  options: ResetOptions,
  ports: RepairPorts,
): Promise<PreparedAdmin | Failure | undefined> {
  const { current, cluster, secret } = examination;
  if (current === undefined) {
    return undefined;
  }
  const { username, endpoint } = current.credentials;
  const { adminSecret } = options;
  const stored = readStoredRoles(secret.tags, username);
  const wanted = [...new Set([...options.roles, ...stored])];
  if (cluster.kind !== 'none' && (cluster.kind !== 'found' || wanted.length === 0 || adminSecret === undefined)) {
    return undefined;
  }
  if (adminSecret === undefined) {
    const { code, message, advice } = noAnswerFinding(examination, { kind: 'none', tried: [] });
    return failed(code, message, advice);
  }
  const refusal = cluster.kind === 'none' ? refusalOfStaleCopies(examination) : undefined;
  if (refusal !== undefined) {
    return refusal;
  }
  const admin = await readAdmin(adminSecret, endpoint, ports);
  if (admin.kind !== 'usable') {
    return admin;
  }
  const forbidden = reasonNotToReset(username, admin.username);
  if (forbidden !== undefined) {
    return refused(
      'not-reset',
      forbidden,
      `Nothing was changed. Reset the password in the console of ${endpoint.host} and store it in the secret.`,
    );
  }
  // The search has run only if no stored password is in force, so only if the admin sets one.
  const sameUser = explainResetOfSameUser(secret.name, endpoint.url, examination.sameUser);
  if (sameUser !== undefined) {
    return { kind: 'refused', ...sameUser };
  }
  const recreation = options.recreateUser ? { username, exists: undefined, roles: wanted } : undefined;
  const tag = stored.length > 0 ? rolesTag(username) : undefined;
  return { kind: 'prepared', admin, recreation, wanted, missingRoles: wanted, tag };
}

/** Describes the user on the cluster: the first request with the token of the admin. */
export async function readUser(
  prepared: PreparedAdmin,
  { credentials: { username, endpoint } }: UsableCredential,
  { adminCluster, showProgress }: Pick<RepairPorts, 'adminCluster' | 'showProgress'>,
): Promise<PreparedAdmin | Failure> {
  showProgress(`reading ${username} and its roles with the credential in ${prepared.admin.adminSecret}`);
  const user = await describeUser(prepared.admin, username, adminCluster);
  if ('code' in user) {
    return user;
  }
  if (user.kind === 'absent' && prepared.recreation === undefined) {
    return failed(
      'no-such-user',
      `${endpoint.url} has no user ${username}.`,
      'Nothing was changed. To create the user, repeat with --recreate-user and with --role ROLE for each of its roles.',
    );
  }
  const exists = user.kind === 'found';
  const granted = exists ? user.roles : [];
  const missingRoles = prepared.wanted.filter((role) => !granted.includes(role));
  const recreation = prepared.recreation && { username, exists, roles: [...granted, ...missingRoles] };
  return { ...prepared, recreation, missingRoles };
}
