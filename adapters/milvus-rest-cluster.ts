import type { Admin, Change, Cluster, Credentials, Login } from '../protocol/cluster/cluster.ts';
import { type CredentialForm, tokenOf } from '../protocol/secret/credential-form.ts';
import { type CallOptions, changeOf, loginOf } from './call-answer.ts';
import { callClusterOverRest, type RestRequest } from './milvus-rest-call.ts';

/** {@link Cluster} on the REST client of the Milvus SDK, with one connection per request. */
export function createMilvusRestCluster(options: CallOptions = {}): Cluster {
  return {
    authenticates: (credentials) => LOGINS[credentials.form ?? 'password'](credentials, options),

    changePassword: ({ endpoint, username, password }, newPassword) =>
      change({ endpoint, token: `${username}:${password}` }, options, { userName: username, password, newPassword }),

    // REST refuses an empty old password, although Milvus ignores the old password if the admin is
    // a super user. For another admin, the new password is as wrong as an empty one.
    resetPassword: (admin, userName, newPassword) =>
      change(admin, options, { userName, password: newPassword, newPassword }),
  };
}

const LOGINS: Readonly<Record<CredentialForm, (credentials: Credentials, options: CallOptions) => Promise<Login>>> = {
  // Any user may describe itself without a role, so this call needs only a valid password.
  // ASSUMPTION milvus-self, ASSUMPTION zilliz-own-password
  password: async (credentials, options) =>
    await ask(credentials, options, {
      send: (client) => client.describeUser({ userName: credentials.username }),
      read: roleNames,
    }),
  // A key is no user, and REST has no call for it that needs no privilege. The cluster has
  // authenticated the key before it answers, also if it answers with a refusal.
  // ASSUMPTION zilliz-key-call
  'api-key': async (credentials, options) => {
    const login = await ask(credentials, options, {
      send: (client) => client.listCollections(),
      read: (data) => (Array.isArray(data) ? [] : undefined),
    });
    return login.kind === 'forbidden' ? { kind: 'accepted', roles: [] } : login;
  },
};

async function ask(
  credentials: Credentials,
  options: CallOptions,
  question: Omit<RestRequest<readonly string[]>, 'passwords'>,
): Promise<Login> {
  const { endpoint } = credentials;
  const caller = { endpoint, token: tokenOf(credentials) };
  return loginOf(
    endpoint,
    await callClusterOverRest(caller, options, { passwords: [], ...question }),
    (roles) => roles,
  );
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

/**
 * Milvus 2.3 lists one role without a name for a user without roles.
 * ASSUMPTION milvus-descriptions
 */
function roleNames(data: unknown): string[] | undefined {
  return Array.isArray(data) ? data.map(String).filter((name) => name !== '') : undefined;
}
