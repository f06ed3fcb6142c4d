import type { Cluster } from '../protocol/cluster/cluster.ts';
import { type CallOptions, createCluster } from './call-answer.ts';
import { callClusterOverRest } from './milvus-rest-call.ts';

/** {@link Cluster} on the REST client of the Milvus SDK, with one connection per request. */
export function createMilvusRestCluster(options: CallOptions = {}): Cluster {
  return createCluster({
    logIn: {
      // ASSUMPTION milvus-self, ASSUMPTION zilliz-own-password
      password: (caller, userName) =>
        callClusterOverRest(caller, options, {
          passwords: [],
          send: (client) => client.describeUser({ userName }),
          read: roleNames,
        }),
      // A key is no user, and REST has no call for it that needs no privilege. The cluster has
      // authenticated the key before it answers, also if it answers with a refusal.
      // ASSUMPTION zilliz-key-call
      'api-key': async (caller) => {
        const answer = await callClusterOverRest<readonly string[]>(caller, options, {
          passwords: [],
          send: (client) => client.listCollections(),
          read: (data) => (Array.isArray(data) ? [] : undefined),
        });
        const isForbidden = answer.kind === 'refused' && answer.reason === 'forbidden';
        return isForbidden ? { kind: 'success', value: [] } : answer;
      },
    },
    // REST refuses an empty old password, although Milvus ignores the old password if the admin is
    // a super user. For another admin, the new password is as wrong as an empty one.
    updatePassword: (caller, { username: userName, newPassword, oldPassword: password = newPassword }) =>
      callClusterOverRest(caller, options, {
        passwords: [password, newPassword],
        send: (client) => client.updateUserPassword({ userName, password, newPassword }),
        read: () => true,
      }),
  });
}

/**
 * Milvus 2.3 lists one role without a name for a user without roles.
 * ASSUMPTION milvus-descriptions
 */
function roleNames(data: unknown): string[] | undefined {
  return Array.isArray(data) ? data.map(String).filter((name) => name !== '') : undefined;
}
