import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import type { Admin } from '../../cluster/cluster.ts';
import {
  answeredByGateway,
  callCluster,
  GRPC,
  rolesOf,
  sentenceOf,
  unavailable,
  withMilvusClient,
} from '../../cluster/milvus-client.ts';
import { redact } from '../../cluster/redaction.ts';
import type { AdminAnswer, AdminCluster } from './admin-cluster.ts';

export interface MilvusAdminClusterOptions {
  /** PEM of the cluster's authority. @default the authorities that Node trusts */
  readonly privateCa?: string | undefined;
}

const TIMEOUT_MS = 10_000;

/** {@link AdminCluster} on the Milvus SDK, with one client per request. */
export function createMilvusAdminCluster(options: MilvusAdminClusterOptions = {}): AdminCluster {
  return {
    describeUser: async (admin, username) => {
      const answer = await callAsAdmin(admin, options, [], async (client) => {
        const { status, results } = await client.describeUser({ username });
        return { ...status, results };
      });
      if (answer.kind === 'refused') {
        return answer;
      }
      const user = answer.value.results.find((result) => result.user?.name === username);
      return user === undefined ? { kind: 'absent' } : { kind: 'found', roles: rolesOf(user.roles) };
    },

    dropUser: (admin, username) => changeAsAdmin(admin, options, [], (client) => client.deleteUser({ username })),

    createUser: (admin, username, password) =>
      changeAsAdmin(admin, options, [password], (client) => client.createUser({ username, password })),

    grantRole: (admin, username, roleName) =>
      changeAsAdmin(admin, options, [], (client) => client.addUserToRole({ username, roleName })),
  };
}

async function changeAsAdmin(...request: Parameters<typeof callAsAdmin>): Promise<AdminAnswer> {
  const answer = await callAsAdmin(...request);
  return answer.kind === 'refused' ? answer : { kind: 'done' };
}

interface Status {
  readonly error_code?: unknown;
  readonly code?: unknown;
  readonly reason?: unknown;
}

async function callAsAdmin<T extends Status>(
  { endpoint, token }: Admin,
  { privateCa }: MilvusAdminClusterOptions,
  passwords: readonly string[],
  call: (client: MilvusClient) => Promise<T>,
): Promise<{ kind: 'done'; value: T } | { kind: 'refused'; answer: string }> {
  const secrets = [token, ...passwords];
  const answer = await withMilvusClient({ address: endpoint.url, token, timeoutMs: TIMEOUT_MS, privateCa }, (client) =>
    callCluster(secrets, () => call(client)),
  );
  if ('failed' in answer) {
    const { failed } = answer;
    const refused = failed.code === GRPC.permissionDenied || failed.code === GRPC.unauthenticated;
    if (refused && !answeredByGateway(failed)) {
      return { kind: 'refused', answer: sentenceOf(failed) };
    }
    throw unavailable(endpoint, failed);
  }
  const { error_code, code, reason } = answer.value;
  // The SDK also resolves for a refusal. If the server lacks the method, there is no status.
  return error_code === 'Success'
    ? { kind: 'done', value: answer.value }
    : {
        kind: 'refused',
        answer: redact(`${String(error_code ?? 'no status')} ${String(code ?? '')}: ${String(reason ?? '')}`, secrets),
      };
}
