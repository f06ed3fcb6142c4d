import { type ClientConfig, MilvusClient } from '@zilliz/milvus2-sdk-node';
import {
  type Admin,
  type Change,
  type Cluster,
  ClusterUnavailableError,
  type Credentials,
  type Login,
} from './cluster.ts';
import type { Endpoint } from './endpoint.ts';
import { redact } from './redaction.ts';

export interface MilvusClusterOptions {
  /** Milliseconds that one request may take, connecting included. @default 5000 */
  readonly timeoutMs?: number;
  /** PEM of the authority that signed the cluster's certificate. @default the authorities that Node trusts */
  readonly privateCa?: string | undefined;
}

/** gRPC's own numbers; the SDK does not export them. */
const GRPC = { invalidArgument: 3, deadlineExceeded: 4, permissionDenied: 7, unavailable: 14, unauthenticated: 16 };

/** Milvus's numbers for a wrong old password (or user), and for a parameter that it will never accept. */
const MILVUS = { wrongOldPassword: 1400, invalidParameter: 1100 };

/**
 * {@link Cluster} on the Milvus SDK. A client a request, closed after it: the SDK keeps the credential in the client,
 * and an open one would reconnect for ever.
 */
export function createMilvusCluster(options: MilvusClusterOptions = {}): Cluster {
  return {
    authenticates: (credentials) =>
      withClient(asAdmin(credentials), options, async (client): Promise<Login> => {
        // Any user may describe itself, without a role: the cheapest question that only a valid password answers.
        const answer = await attempt([credentials.password], () =>
          client.describeUser({ username: credentials.username }),
        );
        if ('failed' in answer) {
          return loginFromFailure(credentials.endpoint, answer.failed);
        }
        if (answer.value.status?.error_code !== 'Success') {
          const { code, reason } = statusOf(answer.value);
          throw new ClusterUnavailableError(
            'not-ready',
            credentials.endpoint,
            redact(`describeUser answered ${code}: ${reason}`, [credentials.password]),
          );
        }
        const self = answer.value.results.find((result) => result.user?.name === credentials.username);
        return { kind: 'accepted', roles: rolesOf(self?.roles) };
      }),

    changePassword: (credentials, newPassword) =>
      update(asAdmin(credentials), options, {
        username: credentials.username,
        oldPassword: credentials.password,
        newPassword,
      }),

    resetPassword: (admin, username, newPassword) => update(admin, options, { username, oldPassword: '', newPassword }),
  };
}

/** Milvus 2.3 lists one role without a name for a user that has none. */
function rolesOf(roles: readonly { name: string }[] = []): string[] {
  return roles.map(({ name }) => name).filter((name) => name !== '');
}

function asAdmin({ endpoint, username, password }: Credentials): Admin {
  return { endpoint, token: `${username}:${password}` };
}

async function update(
  caller: Admin,
  options: MilvusClusterOptions,
  request: { username: string; oldPassword: string; newPassword: string },
): Promise<Change> {
  const secrets = [caller.token, request.oldPassword, request.newPassword];
  return await withClient(caller, options, async (client) => {
    const answer = await attempt(secrets, () => client.updatePassword(request));
    return 'failed' in answer
      ? changeFromFailure(caller.endpoint, answer.failed)
      : changeFromStatus(answer.value, secrets);
  });
}

async function withClient<T>(
  { endpoint, token }: Admin,
  { timeoutMs = 5000, privateCa }: MilvusClusterOptions,
  use: (client: MilvusClient) => Promise<T>,
): Promise<T> {
  const config: ClientConfig = {
    address: endpoint.url,
    ssl: endpoint.tls,
    token,
    timeout: timeoutMs,
    // A repeated update can answer 16 or 1400 although the first one changed the password.
    maxRetries: 0,
    // Debug logging prints old and new password in base64, and NODE_ENV=test would turn it on.
    logLevel: 'error',
    telemetry: { enabled: false },
    // Connecting by itself would end the process with an unhandled rejection at a wrong password.
    __SKIP_CONNECT__: true,
    // A "global" endpoint makes the SDK fetch a list of hosts and send the credential to one of them.
    isGlobal: false,
    channelOptions: { 'grpc.enable_retries': 0, 'grpc.service_config_disable_resolution': 1 },
    ...(endpoint.tls && privateCa !== undefined ? { tls: { rootCert: Buffer.from(privateCa) } } : {}),
  };
  const client = new MilvusClient(config);
  try {
    return await use(client);
  } finally {
    await client.closeConnection();
  }
}

/** What gRPC throws. Its texts were never seen to hold a request or a header; they are redacted all the same. */
interface Failure {
  readonly code: number;
  readonly details: string;
}

async function attempt<T>(
  secrets: readonly string[],
  call: () => Promise<T>,
): Promise<{ value: T } | { failed: Failure }> {
  try {
    return { value: await call() };
  } catch (error) {
    const { code, details } = error as { code?: unknown; details?: unknown };
    if (typeof code === 'number') {
      return { failed: { code, details: typeof details === 'string' ? redact(details, secrets) : '' } };
    }
    throw error;
  }
}

function loginFromFailure(endpoint: Endpoint, failure: Failure): Login {
  const rejected = failure.code === GRPC.unauthenticated && !answeredInFront(failure);
  if (rejected) {
    return { kind: 'rejected' };
  }
  if (failure.code === GRPC.permissionDenied && !answeredInFront(failure)) {
    return { kind: 'forbidden' };
  }
  throw unavailable(endpoint, failure);
}

function changeFromFailure(endpoint: Endpoint, failure: Failure): Change {
  if (!answeredInFront(failure)) {
    const answer = `gRPC ${failure.code}: ${failure.details}`;
    switch (failure.code) {
      case GRPC.unauthenticated:
        return { kind: 'refused', reason: 'old-password', answer };
      case GRPC.permissionDenied:
        return { kind: 'refused', reason: 'forbidden', answer };
      case GRPC.invalidArgument:
        return { kind: 'refused', reason: 'new-password', answer };
    }
  }
  throw unavailable(endpoint, failure);
}

function changeFromStatus(status: unknown, secrets: readonly string[]): Change {
  const { errorCode, code, reason } = statusOf({ status });
  const answer = redact(`${errorCode} ${code}: ${reason}`, secrets);
  if (errorCode === 'Success') {
    return { kind: 'changed' };
  }
  if (code === MILVUS.wrongOldPassword) {
    return { kind: 'refused', reason: 'old-password', answer };
  }
  // The user and the old password have just logged in, so what is wrong with the parameters is the new password.
  if (code === MILVUS.invalidParameter || errorCode === 'IllegalArgument' || /bcrypt: password length/.test(reason)) {
    return { kind: 'refused', reason: 'new-password', answer };
  }
  return { kind: 'refused', reason: 'unclear', answer };
}

/** A method that the server lacks resolves to `{}`: then nothing here is a success. */
function statusOf(response: { status?: unknown }): { errorCode: string; code: number; reason: string } {
  const status = (response.status ?? {}) as { error_code?: unknown; code?: unknown; reason?: unknown };
  return {
    errorCode: String(status.error_code ?? 'no status'),
    code: Number(status.code ?? 0),
    reason: String(status.reason ?? 'the answer holds no status; is this a Milvus endpoint?'),
  };
}

/** An HTTP status in place of a gRPC one comes from a gateway: a 401 of its is no verdict on the password. */
function answeredInFront(failure: Failure): boolean {
  return /HTTP status code \d+/.test(failure.details);
}

function unavailable(endpoint: Endpoint, failure: Failure): ClusterUnavailableError {
  const explanation = `gRPC ${failure.code}: ${failure.details}`;
  if (answeredInFront(failure)) {
    return new ClusterUnavailableError('not-ready', endpoint, explanation);
  }
  if (failure.code === GRPC.deadlineExceeded) {
    return new ClusterUnavailableError('no-answer', endpoint, explanation);
  }
  return new ClusterUnavailableError(
    failure.code === GRPC.unavailable ? 'unreachable' : 'not-ready',
    endpoint,
    explanation,
  );
}
