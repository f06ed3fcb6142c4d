import type { Cluster } from '../protocol/cluster/cluster.ts';
import { type CallOptions, createCluster } from './call-answer.ts';
import { callCluster } from './milvus-call.ts';

/** {@link Cluster} on the Milvus SDK, with one connection per request. */
export function createMilvusCluster(options: CallOptions = {}): Cluster {
  return createCluster({
    logIn: {
      // ASSUMPTION milvus-self, ASSUMPTION zilliz-own-password
      password: async (caller, username) => {
        const answer = await callCluster(caller, options, [], (client) => client.describeUser({ username }));
        return answer.kind === 'success' ? { ...answer, value: rolesOf(username, answer.value) ?? [] } : answer;
      },
      // A key is no user that could be described. ASSUMPTION zilliz-key-call
      'api-key': async (caller) => {
        const answer = await callCluster(caller, options, [], (client): Promise<object> => client.getVersion());
        return answer.kind === 'success' ? { ...answer, value: [] } : answer;
      },
    },
    updatePassword: (caller, { username, oldPassword = '', newPassword }) =>
      callCluster(caller, options, [oldPassword, newPassword], (client) =>
        client.updatePassword({ username, oldPassword, newPassword }),
      ),
  });
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
