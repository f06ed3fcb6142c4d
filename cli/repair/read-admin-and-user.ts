import { type Admin, ClusterUnavailableError, type Credentials } from '../../cluster/cluster.ts';
import { readAdminCredential } from '../../credential/admin-credential.ts';
import type { SecretStore } from '../../secret/store.ts';
import { AWSCURRENT, holderOf } from '../../secret/versions.ts';
import type { AdminCluster, UserDescription } from '../cluster/admin-cluster.ts';
import type { Examination, ExaminePorts } from '../examine/examine-secret.ts';
import { noneInForceFinding } from '../examine/findings.ts';
import { failed, MAY_REJECT_EVERY_LOGIN, type RepairFailure } from './outcome.ts';
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
): Promise<PreparedAdmin | RepairFailure | undefined> {
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
  const credential = await readAdmin(adminSecret, credentials, ports);
  if (credential.kind === 'unusable') {
    return {
      kind: 'refused',
      code: 'unusable-admin-secret',
      message: `The admin secret ${adminSecret} cannot be used. ${credential.problem}`,
      advice: 'Nothing was changed. Correct the admin secret, or name another secret with --admin-secret.',
    };
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
  const user = await describeUser(admin, username, ports.adminCluster);
  switch (user.kind) {
    case 'unconfirmed':
      return user;
    case 'refused':
      return failed(
        'admin-refused',
        `The cluster refuses to describe ${username} to the credential in ${adminSecret} (${user.answer}).`,
        `Nothing was changed. Use a valid credential with the role admin, or on Zilliz Cloud with the group ClusterAdmin. ${MAY_REJECT_EVERY_LOGIN}`,
      );
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
  }
  const exists = user.kind === 'found';
  const granted = exists ? user.roles : [];
  const missingRoles = [...new Set(options.roles)].filter((role) => !granted.includes(role));
  const recreation = options.recreateUser ? { username, exists, roles: [...granted, ...missingRoles] } : undefined;
  return { kind: 'prepared', adminSecret, admin, recreation, missingRoles };
}

async function readAdmin(adminSecret: string, { endpoint }: Credentials, { adminStore, endpoints }: ResetPorts) {
  const store = adminStore(adminSecret);
  const currentId = holderOf(await store.describe(), AWSCURRENT);
  const text = currentId === undefined ? undefined : await store.read(currentId);
  return text === undefined
    ? ({ kind: 'unusable', problem: 'It holds no value.' } as const)
    : readAdminCredential(text, endpoint, endpoints.rules);
}

async function describeUser(
  admin: Admin,
  username: string,
  cluster: AdminCluster,
): Promise<UserDescription | (RepairFailure & { kind: 'unconfirmed' })> {
  try {
    return await cluster.describeUser(admin, username);
  } catch (error) {
    if (!(error instanceof ClusterUnavailableError)) {
      throw error;
    }
    return {
      kind: 'unconfirmed',
      code: 'cluster-unavailable',
      message: error.message,
      advice: 'Nothing was changed. Run the command on a machine that reaches the cluster.',
    };
  }
}
