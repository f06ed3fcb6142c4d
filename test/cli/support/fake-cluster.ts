import { type Cluster, ClusterUnavailableError, type Login } from '../../../cluster/cluster.ts';

export interface FakeCluster extends Cluster {
  /** `https://host:port user` → password. */
  readonly passwords: Map<string, string>;
  /** Tokens of admins that may reset a password without the old one. */
  readonly superUsers: Set<string>;
  /** Each login: `https://host:port user`. */
  readonly logins: string[];
  /** `authorization-off`: every password passes. */
  mood: 'answers' | 'unreachable' | 'forbids' | 'authorization-off';
}

export function createFakeCluster(): FakeCluster {
  const passwords = new Map<string, string>();
  const logins: string[] = [];
  const cluster: FakeCluster = {
    passwords,
    superUsers: new Set(),
    logins,
    mood: 'answers',
    authenticates: async ({ endpoint, username, password }): Promise<Login> => {
      logins.push(`${endpoint.url} ${username}`);
      switch (cluster.mood) {
        case 'unreachable':
          throw new ClusterUnavailableError('unreachable', endpoint, 'gRPC 14: no connection established');
        case 'forbids':
          return { kind: 'forbidden' };
        case 'authorization-off':
          return { kind: 'accepted', roles: [] };
        case 'answers':
          return passwords.get(`${endpoint.url} ${username}`) === password
            ? { kind: 'accepted', roles: ['public'] }
            : { kind: 'rejected' };
      }
    },
    changePassword: async ({ endpoint, username, password }, newPassword) => {
      const key = `${endpoint.url} ${username}`;
      if (passwords.get(key) !== password) {
        return { kind: 'refused', reason: 'old-password', answer: 'gRPC 16' };
      }
      passwords.set(key, newPassword);
      return { kind: 'changed' };
    },
    resetPassword: async ({ endpoint, token }, username, newPassword) => {
      const key = `${endpoint.url} ${username}`;
      if (!cluster.superUsers.has(token) || !passwords.has(key)) {
        return { kind: 'refused', reason: 'old-password', answer: 'UnexpectedError 1400: old password not correct' };
      }
      passwords.set(key, newPassword);
      return { kind: 'changed' };
    },
  };
  return cluster;
}
