import { type Admin, type Change, type Cluster, ClusterUnavailableError, type Login } from './cluster.ts';
import { type CallOptions, callCluster } from './milvus-call.ts';

export type MilvusClusterOptions = CallOptions;

/** {@link Cluster} on the Milvus SDK, with one connection per request. */
export function createMilvusCluster(options: MilvusClusterOptions = {}): Cluster {
  return {
    authenticates: async ({ endpoint, username, password }): Promise<Login> => {
      // Any user may describe itself without a role, so this call needs only a valid password.
      const answer = await callCluster({ endpoint, token: `${username}:${password}` }, options, [], (client) =>
        client.describeUser({ username }),
      );
      switch (answer.kind) {
        case 'success':
          return { kind: 'accepted', roles: rolesOf(username, answer.value) ?? [] };
        case 'unavailable':
          throw answer.error;
        case 'refused':
          if (answer.reason === 'unauthenticated') {
            return { kind: 'rejected' };
          }
          if (answer.reason === 'forbidden') {
            return { kind: 'forbidden' };
          }
          throw new ClusterUnavailableError('not-ready', endpoint, answer.answer);
      }
    },

    changePassword: ({ endpoint, username, password }, newPassword) =>
      change({ endpoint, token: `${username}:${password}` }, options, { username, oldPassword: password, newPassword }),

    resetPassword: (admin, username, newPassword) => change(admin, options, { username, oldPassword: '', newPassword }),
  };
}

async function change(
  caller: Admin,
  options: MilvusClusterOptions,
  request: { username: string; oldPassword: string; newPassword: string },
): Promise<Change> {
  const answer = await callCluster(caller, options, [request.oldPassword, request.newPassword], (client) =>
    client.updatePassword(request),
  );
  switch (answer.kind) {
    case 'success':
      return { kind: 'changed' };
    case 'unavailable':
      return { kind: 'lost', answer: answer.error.message };
    case 'refused':
      return { ...answer, reason: answer.reason === 'unauthenticated' ? 'old-password' : answer.reason };
  }
}

interface DescribedUsers {
  readonly results: readonly { user: { name: string } | null; roles: readonly { name: string }[] }[];
}

/** @returns undefined if the answer is not about this user. */
export function rolesOf(username: string, { results }: DescribedUsers): string[] | undefined {
  const roles = results.find(({ user }) => user?.name === username)?.roles;
  // Milvus 2.3 lists one role without a name for a user without roles.
  return roles?.map(({ name }) => name).filter((name) => name !== '');
}
