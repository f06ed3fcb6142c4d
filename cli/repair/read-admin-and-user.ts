import type { Admin } from '../../cluster/cluster.ts';
import type { SecretStore } from '../../secret/store.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import { describeUser, readAdmin } from '../cluster/admin-requests.ts';
import type { Examination, ExaminePorts } from '../examine/examine-secret.ts';
import { noneInForceFinding } from '../examine/findings.ts';
import { type Failure, failed } from '../failure.ts';
import { refusalOfStaleCopies } from './plan.ts';
import { type Recreation, reasonNotToReset } from './recreate-user.ts';

export interface ResetOptions {
  readonly adminSecret: string | undefined;
  readonly recreateUser: boolean;
  /** Roles that an interrupted repair did not grant. */
  readonly roles: readonly string[];
}

export interface ResetPorts extends Pick<ExaminePorts, 'endpoints'> {
  readonly adminStore: (secretId: string) => SecretStore;
  readonly adminCluster: AdminCluster;
}

/** What the requests of the admin need, read before anything changes. */
export interface PreparedAdmin {
  readonly kind: 'prepared';
  readonly adminSecret: string;
  readonly admin: Admin;
  /** `undefined` if the operator does not allow it. */
  readonly recreation: Recreation | undefined;
  /** The roles among `ResetOptions.roles` that the user lacks. */
  readonly missingRoles: readonly string[];
}

/**
 * Reads the admin's credential and describes the user on the cluster.
 *
 * @returns `undefined` if the repair needs no admin: a stored password is in force, and the
 * options name no roles
 * @throws SecretStoreError
 */
export async function readAdminAndUser(
  examination: Examination,
  options: ResetOptions,
  ports: ResetPorts,
): Promise<PreparedAdmin | Failure | undefined> {
  const { current, cluster } = examination;
  if (current === undefined || !(cluster.kind === 'none' || (cluster.kind === 'found' && options.roles.length > 0))) {
    return undefined;
  }
  const { credentials } = current;
  const { adminSecret } = options;
  if (adminSecret === undefined) {
    const { code, message, advice } = noneInForceFinding(examination);
    return failed(code, message, advice);
  }
  const refusal = cluster.kind === 'none' ? refusalOfStaleCopies(examination) : undefined;
  if (refusal !== undefined) {
    return refusal;
  }
  const credential = await readAdmin(adminSecret, credentials.endpoint, {
    adminStore: ports.adminStore,
    rules: ports.endpoints.rules,
  });
  if (credential.kind !== 'usable') {
    return credential;
  }
  const { admin } = credential;
  const forbidden = reasonNotToReset(credentials.username, credential.username);
  if (forbidden !== undefined) {
    return {
      kind: 'refused',
      code: 'not-reset',
      message: forbidden,
      advice: `Nothing was changed. Reset the password in the console of ${credentials.endpoint.host} and store it in the secret.`,
    };
  }
  const { username, endpoint } = credentials;
  const user = await describeUser(credential, username, ports.adminCluster);
  switch (user.kind) {
    case 'absent':
      if (!options.recreateUser) {
        return failed(
          'no-such-user',
          `${endpoint.url} has no user ${username}.`,
          'Nothing was changed. To create the user, repeat with --recreate-user and with --role ROLE for each of its roles.',
        );
      }
      break;
    case 'found':
      break;
    default:
      return user;
  }
  const exists = user.kind === 'found';
  const granted = exists ? user.roles : [];
  const missingRoles = [...new Set(options.roles)].filter((role) => !granted.includes(role));
  const recreation = options.recreateUser ? { username, exists, roles: [...granted, ...missingRoles] } : undefined;
  return { kind: 'prepared', adminSecret, admin, recreation, missingRoles };
}
