import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { callCluster } from '../../adapters/milvus-call.ts';
import { rolesOf } from '../../adapters/milvus-cluster.ts';
import { callClusterOverRest, type RestRequest } from '../../adapters/milvus-rest-call.ts';
import { type Admin, ClusterUnavailableError, type Credentials } from '../../protocol/cluster/cluster.ts';
import { tokenOf } from '../../protocol/secret/credential-form.ts';
import type { AdminAnswer, AdminCluster } from './admin-cluster.ts';

const TIMEOUT_MS = 10_000;

/**
 * {@link AdminCluster} on the Milvus SDK, with one connection per request.
 *
 * @param privateCa PEM of the cluster's authority. Default: the authorities that Node trusts
 */
export function createMilvusAdminCluster({
  privateCa,
}: {
  readonly privateCa?: string | undefined;
} = {}): AdminCluster {
  const call = <T extends object>(
    admin: Admin,
    send: (client: MilvusClient) => Promise<T>,
    passwords: readonly string[] = [],
  ) => callCluster(admin, { timeoutMs: TIMEOUT_MS, privateCa }, passwords, send);
  const change = async (...request: Parameters<typeof call>): Promise<AdminAnswer> => {
    const answer = await call(...request);
    switch (answer.kind) {
      case 'success':
        return { kind: 'done' };
      case 'refused':
        return { kind: 'refused', answer: answer.answer };
      case 'unavailable':
        return { kind: 'lost', answer: answer.error.message };
    }
  };

  const askOverRest = async ({ endpoint, ...user }: Credentials, send: RestRequest<string>['send']) =>
    await callClusterOverRest(
      { endpoint, token: tokenOf(user) },
      { timeoutMs: TIMEOUT_MS, privateCa },
      { passwords: [], send, read: (_roles, description) => String(description ?? '') },
    );
  const describe = async (user: Credentials): Promise<string> => {
    const answer = await askOverRest(user, (client) => client.describeUser({ userName: user.username }));
    if (answer.kind === 'success') {
      return answer.value;
    }
    throw answer.kind === 'unavailable'
      ? answer.error
      : new ClusterUnavailableError('not-ready', user.endpoint, answer.answer);
  };

  return {
    describeUser: async (admin, username) => {
      const answer = await call(admin, (client) => client.describeUser({ username }));
      if (answer.kind === 'unavailable') {
        throw answer.error;
      }
      if (answer.kind === 'refused') {
        return { kind: 'refused', answer: answer.answer };
      }
      const roles = rolesOf(username, answer.value);
      return roles === undefined ? { kind: 'absent' } : { kind: 'found', roles };
    },

    createUser: (admin, username, password) =>
      change(admin, (client) => client.createUser({ username, password }), [password]),

    grantRole: (admin, username, roleName) => change(admin, (client) => client.addUserToRole({ username, roleName })),

    dropUser: (admin, username) => change(admin, (client) => client.deleteUser({ username })),

    callAgainAfter: (caller, between) =>
      change(caller, async (client) => {
        await client.getVersion();
        await between();
        return await client.getVersion();
      }),

    descriptionAfter: async (user, description, changePassword) => {
      const update = { userName: user.username, description };
      // Before 2.6.19, Milvus refuses a request without a new password.
      await askOverRest(user, (client) => client.POST(`${client.userPrefix}/update_password`, update));
      return (await describe(user)) === description ? await describe(await changePassword()) : undefined;
    },
  };
}
