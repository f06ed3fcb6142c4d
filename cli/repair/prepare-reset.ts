import { type Admin, ClusterUnavailableError, type Credentials } from '../../cluster/cluster.ts';
import type { EndpointOptions } from '../../credential/stored-credential.ts';
import type { SecretStore } from '../../secret/store.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import type { Examination } from '../examine/examine-secret.ts';
import { whatWasRejected, whyRejected } from '../examine/untried.ts';
import { readAdmin, usernameOf } from './admin.ts';
import type { RepairOutcome } from './outcome.ts';
import { type Recreation, whyNotDropped } from './recreate-user.ts';

export interface ResetOptions extends EndpointOptions {
  readonly adminSecret: string | undefined;
  readonly recreateUser: boolean;
  /** Roles of a user that an earlier, interrupted run has dropped already. */
  readonly roles: readonly string[];
}

/** All that a reset needs, looked at before anything is changed. */
export interface ResetPreparation {
  readonly kind: 'prepared';
  readonly adminSecret: string;
  readonly admin: Admin;
  /** Set when the operator allows it. */
  readonly recreation: Omit<Recreation, 'password'> | undefined;
}

type Refusal = Extract<RepairOutcome, { kind: 'refused' | 'failed' | 'unconfirmed' }>;

/** @throws SecretStoreError */
export async function prepareReset(
  examination: Examination,
  user: Credentials,
  options: ResetOptions,
  ports: { adminStore: (secretId: string) => SecretStore; adminCluster: AdminCluster },
): Promise<ResetPreparation | Refusal> {
  const { username, endpoint } = user;
  const { name } = examination.secret;
  const { adminSecret } = options;
  if (adminSecret === undefined) {
    return {
      kind: 'failed',
      code: 'none-in-force',
      message: `${endpoint.url} rejects ${whatWasRejected(examination)} of ${username}: ${whyRejected(examination)}.`,
      advice: `Set it anew with: zilliz-rotation repair ${name} --admin-secret ADMIN-SECRET, the secret of an admin's credential. Or reset it in the cluster's console and store it in the secret.`,
    };
  }
  const read = await readAdmin(adminSecret, ports.adminStore(adminSecret), user, options);
  if (read.kind === 'refused') {
    return read;
  }
  const { admin } = read;
  const described = await describeUser(admin, username, ports.adminCluster);
  if (described.kind === 'unconfirmed' || described.kind === 'refused') {
    return described.kind === 'unconfirmed' ? described : adminRefused(adminSecret, username, described.answer);
  }
  const exists = described.kind === 'found';
  if (!options.recreateUser) {
    return exists
      ? { kind: 'prepared', adminSecret, admin, recreation: undefined }
      : {
          kind: 'failed',
          code: 'no-such-user',
          message: `${endpoint.url} has no user ${username}.`,
          advice: 'To make it, repeat with --recreate-user and, for each role that it needs, --role ROLE.',
        };
  }
  const reason = whyNotDropped(username, usernameOf(admin));
  if (reason !== undefined) {
    return { kind: 'refused', code: 'not-dropped', message: reason, advice: 'Repeat without --recreate-user.' };
  }
  const roles = [...new Set([...(exists ? described.roles : []), ...options.roles])];
  return { kind: 'prepared', adminSecret, admin, recreation: { username, exists, roles } };
}

async function describeUser(admin: Admin, username: string, cluster: AdminCluster) {
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
      advice: 'Nothing was changed. Run this where the cluster can be reached.',
    } as const;
  }
}

function adminRefused(adminSecret: string, username: string, answer: string): Refusal {
  return {
    kind: 'failed',
    code: 'admin-refused',
    message: `The cluster does not let the credential of ${adminSecret} look at ${username} (${answer}).`,
    advice:
      'Nothing was changed. It must be a valid credential with the role admin, on Zilliz Cloud of the group ClusterAdmin.',
  };
}
