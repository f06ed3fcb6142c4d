import type { AdminAnswer, AdminCluster } from '../../../cli/cluster/admin-cluster.ts';
import { type Admin, ClusterUnavailableError } from '../../../cluster/cluster.ts';
import type { InMemoryCluster } from '../../support/in-memory-cluster.ts';

export interface FakeAdminCluster extends AdminCluster {
  /** Users that are no admins are refused; so are API keys that are not here. */
  readonly admins: Set<string>;
  readonly roles: Map<string, string[]>;
  /** The next act of this name is refused, or not answered, before it happens. */
  readonly failing: Map<'dropUser' | 'createUser' | 'grantRole', 'refused' | 'unreachable'>;
  readonly acts: string[];
}

/** Acts of an administrator on the users of an in-memory cluster. */
export function createFakeAdminCluster(cluster: InMemoryCluster): FakeAdminCluster {
  const admins = new Set<string>();
  const roles = new Map<string, string[]>();
  const failing: FakeAdminCluster['failing'] = new Map();
  const acts: string[] = [];
  const gone = new Set<string>();

  const act = async (
    admin: Admin,
    name: 'dropUser' | 'createUser' | 'grantRole',
    username: string,
    change: () => void,
  ): Promise<AdminAnswer> => {
    acts.push(`${name} ${username}`);
    const failure = failing.get(name);
    if (failure === 'unreachable') {
      throw new ClusterUnavailableError('unreachable', admin.endpoint, 'gRPC 14: no connection established');
    }
    if (failure === 'refused' || !admins.has(admin.token)) {
      return { kind: 'refused', answer: 'gRPC 7: permission deny' };
    }
    change();
    return { kind: 'done' };
  };

  return {
    admins,
    roles,
    failing,
    acts,
    describeUser: async (admin, username) => {
      if (!cluster.reachable) {
        throw new ClusterUnavailableError('unreachable', admin.endpoint, 'gRPC 14: no connection established');
      }
      if (!admins.has(admin.token)) {
        return { kind: 'refused', answer: 'gRPC 16: auth check failure' };
      }
      return gone.has(username) || cluster.passwordOf(username) === undefined
        ? { kind: 'absent' }
        : { kind: 'found', roles: roles.get(username) ?? [] };
    },
    dropUser: (admin, username) =>
      act(admin, 'dropUser', username, () => {
        gone.add(username);
        roles.delete(username);
        // A password that nobody has: the user's logins are rejected, as those of a user that is gone.
        cluster.setByHand(username, crypto.randomUUID());
      }),
    createUser: (admin, username, password) =>
      act(admin, 'createUser', username, () => {
        gone.delete(username);
        cluster.setByHand(username, password);
      }),
    grantRole: (admin, username, role) =>
      act(admin, 'grantRole', username, () => roles.set(username, [...(roles.get(username) ?? []), role])),
  };
}
