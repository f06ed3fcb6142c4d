import { type ClientConfig, MilvusClient } from '@zilliz/milvus2-sdk-node';
import { type Admin, ClusterUnavailableError } from '../cluster/cluster.ts';
import { redact } from '../cluster/redaction.ts';
import type { AdminAnswer, AdminCluster } from './admin-cluster.ts';

export interface MilvusAdminClusterOptions {
  /** PEM of the authority that signed the cluster's certificate. @default the authorities that Node trusts */
  readonly privateCa?: string | undefined;
}

const TIMEOUT_MS = 10_000;

/** gRPC's own numbers for a caller that is known and refused, or not known. */
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

/** {@link AdminCluster} on the Milvus SDK. A client an act, closed after it. */
export function createMilvusAdminCluster(options: MilvusAdminClusterOptions = {}): AdminCluster {
  return {
    describeUser: async (admin, username) => {
      const answer = await ask(admin, options, [], async (client) => {
        const { status, results } = await client.describeUser({ username });
        return { ...status, results };
      });
      if (answer.kind === 'refused') {
        return answer;
      }
      const user = answer.value.results.find((result) => result.user?.name === username);
      // Milvus 2.3 lists one role without a name for a user that has none.
      const roles = user?.roles?.map(({ name }) => name).filter((name) => name !== '') ?? [];
      return user === undefined ? { kind: 'absent' } : { kind: 'found', roles };
    },

    dropUser: (admin, username) => act(admin, options, [], (client) => client.deleteUser({ username })),

    createUser: (admin, username, password) =>
      act(admin, options, [password], (client) => client.createUser({ username, password })),

    grantRole: (admin, username, roleName) =>
      act(admin, options, [], (client) => client.addUserToRole({ username, roleName })),
  };
}

async function act(
  admin: Admin,
  options: MilvusAdminClusterOptions,
  secrets: readonly string[],
  call: (client: MilvusClient) => Promise<Status>,
): Promise<AdminAnswer> {
  const answer = await ask(admin, options, secrets, call);
  return answer.kind === 'refused' ? answer : { kind: 'done' };
}

interface Status {
  readonly error_code?: unknown;
  readonly code?: unknown;
  readonly reason?: unknown;
}

async function ask<T extends Status>(
  { endpoint, token }: Admin,
  { privateCa }: MilvusAdminClusterOptions,
  secrets: readonly string[],
  call: (client: MilvusClient) => Promise<T>,
): Promise<{ kind: 'done'; value: T } | { kind: 'refused'; answer: string }> {
  const config: ClientConfig = {
    address: endpoint.url,
    ssl: endpoint.tls,
    token,
    timeout: TIMEOUT_MS,
    // An act that was repeated can be refused for having been done.
    maxRetries: 0,
    // Debug logging prints passwords in base64, and NODE_ENV=test would turn it on.
    logLevel: 'error',
    telemetry: { enabled: false },
    // Connecting by itself would end the process with an unhandled rejection at a wrong token.
    __SKIP_CONNECT__: true,
    // A "global" endpoint makes the SDK send the credential to hosts that it looks up.
    isGlobal: false,
    channelOptions: { 'grpc.enable_retries': 0, 'grpc.service_config_disable_resolution': 1 },
    ...(endpoint.tls && privateCa !== undefined ? { tls: { rootCert: Buffer.from(privateCa) } } : {}),
  };
  const hide = (text: string): string => redact(text, [token, ...secrets]);
  const client = new MilvusClient(config);
  try {
    const value = await call(client);
    // A refusal resolves; so does a method that the server lacks, to an object without a status.
    return value.error_code === 'Success'
      ? { kind: 'done', value }
      : {
          kind: 'refused',
          answer: hide(
            `${String(value.error_code ?? 'no status')} ${String(value.code ?? '')}: ${String(value.reason ?? '')}`,
          ),
        };
  } catch (error) {
    const { code, details } = error as { code?: unknown; details?: unknown };
    if (typeof code !== 'number') {
      throw error;
    }
    const answer = hide(`gRPC ${code}: ${typeof details === 'string' ? details : ''}`);
    // A 401 or 403 of HTTP comes from a gateway in front of the cluster, which knows no users.
    const fromCluster = !/HTTP status code \d+/.test(answer);
    if (fromCluster && (code === PERMISSION_DENIED || code === UNAUTHENTICATED)) {
      return { kind: 'refused', answer };
    }
    throw new ClusterUnavailableError(fromCluster ? 'unreachable' : 'not-ready', endpoint, answer);
  } finally {
    await client.closeConnection();
  }
}
