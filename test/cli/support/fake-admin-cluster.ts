import type { AdminAnswer, AdminCluster } from '../../../cli/cluster/admin-cluster.ts';
import { type Admin, ClusterUnavailableError } from '../../../protocol/cluster/cluster.ts';
import type { InMemoryCluster } from '../../support/in-memory-cluster.ts';

export interface FakeAdminCluster extends AdminCluster {
  /** Tokens of admins. The cluster refuses every other token. */
  readonly admins: Set<string>;
  readonly roles: Map<string, string[]>;
  readonly requests: string[];
}

/** The requests of an administrator about the users of an in-memory cluster. */
export function createFakeAdminCluster(cluster: InMemoryCluster): FakeAdminCluster {
  const admins = new Set<string>();
  const roles = new Map<string, string[]>();
  const requests: string[] = [];

  const change = async (
    admin: Admin,
    name: 'createUser' | 'grantRole' | 'dropUser',
    username: string,
    apply: () => void,
  ): Promise<AdminAnswer> => {
    requests.push(`${name} ${username}`);
    if (!admins.has(admin.token)) {
      return { kind: 'refused', answer: 'gRPC 7: permission deny' };
    }
    apply();
    return { kind: 'done' };
  };

  return {
    admins,
    roles,
    requests,
    describeUser: async (admin, username) => {
      if (!cluster.reachable) {
        throw new ClusterUnavailableError('unreachable', admin.endpoint, 'gRPC 14: no connection established');
      }
      if (!admins.has(admin.token)) {
        return { kind: 'refused', answer: 'gRPC 16: auth check failure' };
      }
      return cluster.passwordOf(username) === undefined
        ? { kind: 'absent' }
        : { kind: 'found', roles: roles.get(username) ?? [] };
    },
    createUser: (admin, username, password) =>
      cluster.passwordOf(username) === undefined
        ? change(admin, 'createUser', username, () => cluster.setByHand(username, password))
        : Promise.resolve({ kind: 'refused', answer: 'UnexpectedError 1: user already exists' }),
    dropUser: (admin, username) => change(admin, 'dropUser', username, () => cluster.dropUser(username)),
    callAgainAfter: async ({ endpoint, token }, between) => {
      await between();
      const [username = '', password = ''] = token.split(':');
      const { kind } = await cluster.authenticates({ endpoint, username, password });
      return kind === 'accepted' ? { kind: 'done' } : { kind: 'refused', answer: 'gRPC 16: auth check failure' };
    },
    descriptionAfter: async (_user, description, changePassword) => {
      await changePassword();
      return description;
    },
    grantRole: (admin, username, role) =>
      change(admin, 'grantRole', username, () => {
        const granted = [...(roles.get(username) ?? []), role];
        roles.set(username, granted);
        cluster.roles = { ...cluster.roles, [username]: granted };
      }),
  };
}
