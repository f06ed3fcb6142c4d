import type { Admin, Change, Cluster } from '../../protocol/cluster/cluster.ts';
import { tokenOf } from '../../protocol/secret/document.ts';
import { type CallOptions, changeOf, loginOf } from '../call-answer.ts';
import { callClusterOverRest, type RestRequest } from './milvus-rest-call.ts';

/** {@link Cluster} on the REST client of the Milvus SDK, with one connection per request. */
export function createMilvusRestCluster(options: CallOptions = {}): Cluster {
  return {
    authenticates: async (credentials) => {
      const { endpoint, username, form } = credentials;
      const answer = await callClusterOverRest({ endpoint, token: tokenOf(credentials) }, options, {
        passwords: [],
        // Any user may describe itself without a role, so this call needs only a valid password. A
        // key is no user. REST has no call for it that needs no privilege, so a refusal counts too.
        ...(form === 'api-key' ? LIST_COLLECTIONS : describeUser(username)),
      });
      const login = loginOf(endpoint, answer, (roles) => roles);
      return login.kind === 'forbidden' && form === 'api-key' ? { kind: 'accepted', roles: [] } : login;
    },

    changePassword: ({ endpoint, username, password }, newPassword) =>
      change({ endpoint, token: `${username}:${password}` }, options, { userName: username, password, newPassword }),

    // REST refuses an empty old password, although Milvus ignores the old password if the admin is
    // a super user. For another admin, the new password is as wrong as an empty one.
    resetPassword: (admin, userName, newPassword) =>
      change(admin, options, { userName, password: newPassword, newPassword }),
  };
}

type Question = Omit<RestRequest<readonly string[]>, 'passwords'>;

/** The cluster has authenticated the key before it answers, also with a refusal. */
const LIST_COLLECTIONS: Question = {
  send: (client) => client.listCollections(),
  read: (data) => (Array.isArray(data) ? [] : undefined),
};

function describeUser(userName: string): Question {
  return { send: (client) => client.describeUser({ userName }), read: roleNames };
}

async function change(
  caller: Admin,
  options: CallOptions,
  request: { userName: string; password: string; newPassword: string },
): Promise<Change> {
  const answer = await callClusterOverRest(caller, options, {
    passwords: [request.password, request.newPassword],
    send: (client) => client.updateUserPassword({ ...request }),
    read: () => true,
  });
  return changeOf(answer);
}

/** Milvus 2.3 lists one role without a name for a user without roles. */
function roleNames(data: unknown): string[] | undefined {
  return Array.isArray(data) ? data.map(String).filter((name) => name !== '') : undefined;
}
