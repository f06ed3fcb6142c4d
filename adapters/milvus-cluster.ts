import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import type { Admin, Change, Cluster, Credentials, Login } from '../protocol/cluster/cluster.ts';
import { type CredentialForm, tokenOf } from '../protocol/secret/credential-form.ts';
import { type CallAnswer, type CallOptions, changeOf, loginOf } from './call-answer.ts';
import { callCluster } from './milvus-call.ts';

/** {@link Cluster} on the Milvus SDK, with one connection per request. */
export function createMilvusCluster(options: CallOptions = {}): Cluster {
  return {
    authenticates: (credentials) => LOGINS[credentials.form ?? 'password'](credentials, options),

    changePassword: ({ endpoint, username, password }, newPassword) =>
      change({ endpoint, token: `${username}:${password}` }, options, { username, oldPassword: password, newPassword }),

    resetPassword: (admin, username, newPassword) => change(admin, options, { username, oldPassword: '', newPassword }),
  };
}

/**
 * Each sends a call that needs no role, only a valid credential.
 * ASSUMPTION milvus-self, ASSUMPTION zilliz-own-password
 */
const LOGINS: Readonly<Record<CredentialForm, (credentials: Credentials, options: CallOptions) => Promise<Login>>> = {
  password: async (credentials, options) => {
    const { endpoint, username } = credentials;
    const answer = await ask(credentials, options, (client) => client.describeUser({ username }));
    return loginOf(endpoint, answer, (value) => rolesOf(username, value) ?? []);
  },
  // A key is no user that could be described. ASSUMPTION zilliz-key-call
  'api-key': async (credentials, options) => {
    const answer = await ask(credentials, options, async (client): Promise<object> => await client.getVersion());
    return loginOf(credentials.endpoint, answer, () => []);
  },
};

function ask<T extends object>(
  credentials: Credentials,
  options: CallOptions,
  send: (client: MilvusClient) => Promise<T>,
): Promise<CallAnswer<T>> {
  return callCluster({ endpoint: credentials.endpoint, token: tokenOf(credentials) }, options, [], send);
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
