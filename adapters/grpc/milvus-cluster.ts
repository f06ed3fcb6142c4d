import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import type { Admin, Change, Cluster } from '../../protocol/cluster/cluster.ts';
import { tokenOf } from '../../protocol/secret/document.ts';
import { type CallOptions, changeOf, loginOf } from '../call-answer.ts';
import { callCluster } from './milvus-call.ts';

/** {@link Cluster} on the Milvus SDK, with one connection per request. */
export function createMilvusCluster(options: CallOptions = {}): Cluster {
  return {
    authenticates: async (credentials) => {
      const { endpoint, username, form } = credentials;
      const caller = { endpoint, token: tokenOf(credentials) };
      // Both calls need no role, only a valid credential. A key is no user that could be described.
      if (form === 'api-key') {
        return loginOf(endpoint, await callCluster(caller, options, [], readVersion), () => []);
      }
      const answer = await callCluster(caller, options, [], (client) => client.describeUser({ username }));
      return loginOf(endpoint, answer, (value) => rolesOf(username, value) ?? []);
    },

    changePassword: ({ endpoint, username, password }, newPassword) =>
      change({ endpoint, token: `${username}:${password}` }, options, { username, oldPassword: password, newPassword }),

    resetPassword: (admin, username, newPassword) => change(admin, options, { username, oldPassword: '', newPassword }),
  };
}

/** The version of Milvus. */
async function readVersion(client: MilvusClient): Promise<object> {
  return await client.getVersion();
}

async function change(
  caller: Admin,
  options: CallOptions,
  request: { username: string; oldPassword: string; newPassword: string },
): Promise<Change> {
  const passwords = [request.oldPassword, request.newPassword];
  return changeOf(await callCluster(caller, options, passwords, (client) => client.updatePassword(request)));
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
