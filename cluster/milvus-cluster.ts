import { type Admin, type Change, type Cluster, ClusterUnavailableError, type Login } from './cluster.ts';
import type { Endpoint } from './endpoint.ts';
import {
  answeredByGateway,
  callCluster,
  type Failure,
  GRPC,
  type MilvusClientOptions,
  rolesOf,
  sentenceOf,
  unavailable,
  withMilvusClient,
} from './milvus-client.ts';
import { redact } from './redaction.ts';

export type MilvusClusterOptions = Pick<MilvusClientOptions, 'timeoutMs' | 'privateCa'>;

/** Milvus's codes for a wrong old password or user, and for a parameter that it will never accept. */
const MILVUS = { wrongOldPassword: 1400, invalidParameter: 1100 };

/** {@link Cluster} on the Milvus SDK, with one client per request. */
export function createMilvusCluster(options: MilvusClusterOptions = {}): Cluster {
  return {
    authenticates: async ({ endpoint, username, password }): Promise<Login> => {
      const caller = { ...options, address: endpoint.url, token: `${username}:${password}` };
      // Any user may describe itself without a role, so this call needs only a valid password.
      const answer = await withMilvusClient(caller, (client) =>
        callCluster([password], () => client.describeUser({ username })),
      );
      if ('failed' in answer) {
        return loginFromFailure(endpoint, answer.failed);
      }
      const { errorCode, code, reason } = statusOf(answer.value.status);
      if (errorCode !== 'Success') {
        const explanation = redact(`describeUser answered ${errorCode} ${code}: ${reason}`, [password]);
        throw new ClusterUnavailableError('not-ready', endpoint, explanation);
      }
      const self = answer.value.results.find((result) => result.user?.name === username);
      return { kind: 'accepted', roles: rolesOf(self?.roles) };
    },

    changePassword: (credentials, newPassword) => {
      const { endpoint, username, password } = credentials;
      return update({ endpoint, token: `${username}:${password}` }, options, {
        username,
        oldPassword: password,
        newPassword,
      });
    },

    resetPassword: (admin, username, newPassword) => update(admin, options, { username, oldPassword: '', newPassword }),
  };
}

async function update(
  { endpoint, token }: Admin,
  options: MilvusClusterOptions,
  request: { username: string; oldPassword: string; newPassword: string },
): Promise<Change> {
  const secrets = [token, request.oldPassword, request.newPassword];
  const answer = await withMilvusClient({ ...options, address: endpoint.url, token }, (client) =>
    callCluster(secrets, () => client.updatePassword(request)),
  );
  return 'failed' in answer ? changeFromFailure(endpoint, answer.failed) : changeFromStatus(answer.value, secrets);
}

function loginFromFailure(endpoint: Endpoint, failure: Failure): Login {
  if (!answeredByGateway(failure)) {
    if (failure.code === GRPC.unauthenticated) {
      return { kind: 'rejected' };
    }
    if (failure.code === GRPC.permissionDenied) {
      return { kind: 'forbidden' };
    }
  }
  throw unavailable(endpoint, failure);
}

function changeFromFailure(endpoint: Endpoint, failure: Failure): Change {
  const reason = answeredByGateway(failure)
    ? undefined
    : ({
        [GRPC.unauthenticated]: 'old-password',
        [GRPC.permissionDenied]: 'forbidden',
        [GRPC.invalidArgument]: 'new-password',
      }[failure.code] as 'old-password' | 'forbidden' | 'new-password' | undefined);
  return reason === undefined
    ? { kind: 'lost', answer: unavailable(endpoint, failure).message }
    : { kind: 'refused', reason, answer: sentenceOf(failure) };
}

function changeFromStatus(status: unknown, secrets: readonly string[]): Change {
  const { errorCode, code, reason } = statusOf(status);
  if (errorCode === 'Success') {
    return { kind: 'changed' };
  }
  const answer = redact(`${errorCode} ${code}: ${reason}`, secrets);
  if (code === MILVUS.wrongOldPassword) {
    return { kind: 'refused', reason: 'old-password', answer };
  }
  // The user and the old password have just logged in, so the invalid parameter is the new password.
  if (code === MILVUS.invalidParameter || errorCode === 'IllegalArgument' || /bcrypt: password length/.test(reason)) {
    return { kind: 'refused', reason: 'new-password', answer };
  }
  return { kind: 'refused', reason: 'unclear', answer };
}

/** For a method that the server lacks, the SDK resolves to `{}`, which is no success. */
function statusOf(status: unknown): { errorCode: string; code: number; reason: string } {
  const { error_code, code, reason } = (status ?? {}) as { error_code?: unknown; code?: unknown; reason?: unknown };
  return {
    errorCode: String(error_code ?? 'no status'),
    code: Number(code ?? 0),
    reason: String(reason ?? 'the answer holds no status; is this a Milvus endpoint?'),
  };
}
