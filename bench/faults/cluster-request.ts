import type { IncomingHttpHeaders } from 'node:http2';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { PROJECT } from '../../local/project.ts';
import type { ClusterAnswer } from '../../local/servers/grpc-proxy.ts';

/** A request of the Milvus SDK to the cluster. */
export interface ClusterRequest {
  /** The user who logs in, and the password. */
  readonly caller: string;
  readonly password: string;
  /** The user whom the request is about. Differs from the caller if an admin resets a user. */
  readonly username: string;
  /** Set only in a change of the password. */
  readonly newPassword: string | undefined;
}

/** A fault of one request to the cluster. */
export type ConnectionFault =
  /** The network fails before the request and stays down. */
  | 'network down'
  /** The cluster performs the request, and the connection breaks before the answer. */
  | 'answer lost'
  /** The same as `answer lost`, and the network stays down. */
  | 'answer lost, network down'
  /** The request does not reach the cluster. The caller waits until it is killed. */
  | 'request held'
  /** The cluster performs the request. The caller waits for the answer until it is killed. */
  | 'answer held';

/** The request that a fault strikes. `the change`: the request that changes the password. */
export type StruckRequest = 'the next request' | 'the change' | 'the request after the change';

/** The bytes before a message of gRPC: whether it is compressed, and its length. */
const PREFIX = 5;

const definitions = createRequire(import.meta.url)(
  join(PROJECT, 'node_modules', '@zilliz', 'milvus2-sdk-node', 'dist', 'milvus', 'proto-json', 'milvus.js'),
) as { default: protobuf.INamespace };
const types = protobuf.Root.fromJSON(definitions.default);
const UPDATE_CREDENTIAL = types.lookupType('milvus.proto.milvus.UpdateCredentialRequest');
const SELECT_USER = types.lookupType('milvus.proto.milvus.SelectUserRequest');
const SELECT_USER_RESPONSE = types.lookupType('milvus.proto.milvus.SelectUserResponse');
const STATUS = types.lookupType('milvus.proto.common.Status');

/** @param body one message of gRPC. */
export function readRequest(headers: IncomingHttpHeaders, body: Buffer): ClusterRequest {
  const token = Buffer.from(headers.authorization ?? '', 'base64').toString();
  const [caller = ''] = token.split(':', 1);
  const password = token.slice(caller.length + 1);
  const message = body.subarray(PREFIX);
  if (headers[':path']?.endsWith('/UpdateCredential') === true) {
    const { username, newPassword } = UPDATE_CREDENTIAL.toObject(UPDATE_CREDENTIAL.decode(message)) as Update;
    return { caller, password, username, newPassword: Buffer.from(newPassword, 'base64').toString() };
  }
  const isLogin = headers[':path']?.endsWith('/SelectUser') === true;
  const { user } = (isLogin ? SELECT_USER.toObject(SELECT_USER.decode(message)) : {}) as { user?: { name: string } };
  return { caller, password, username: user?.name ?? '', newPassword: undefined };
}

interface Update {
  readonly username: string;
  readonly newPassword: string;
}

export function authorizationOfUser(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

/** Whether the cluster has performed a change: it answers a Status with default values only. */
export function isSuccess({ body }: ClusterAnswer): boolean {
  return body.length === PREFIX;
}

const OK = { ':status': 200, 'content-type': 'application/grpc' };

/** A proxy of Milvus answers this to a login with a wrong password. */
export const UNAUTHENTICATED: ClusterAnswer = {
  headers: { ...OK, 'grpc-status': '16', 'grpc-message': 'auth check failure' },
  body: Buffer.alloc(0),
  trailers: {},
};

/** A message of Milvus as a complete answer. */
function messageAnswer(message: Uint8Array): ClusterAnswer {
  return { headers: OK, body: framed(message), trailers: { 'grpc-status': '0' } };
}

/** Milvus answers a change with a Status. */
export interface ChangeStatus {
  /** The older code, over gRPC only. */
  readonly error_code: number;
  readonly code: number;
  readonly reason: string;
}

export function statusAnswer(status: ChangeStatus): ClusterAnswer {
  return messageAnswer(STATUS.encode(status).finish());
}

/** Milvus answers this if its password policy refuses a new password. */
export const PASSWORD_REFUSED: ClusterAnswer = statusAnswer({
  error_code: 1,
  code: 1100,
  reason: 'invalid password length: invalid parameter[5 out of range 6 <= value <= 256]',
});

/** Adds a description to each user of an answer to SelectUser. ASSUMPTION milvus-descriptions */
export function withDescription({ body }: ClusterAnswer, description: string): ClusterAnswer {
  const answer = SELECT_USER_RESPONSE.toObject(SELECT_USER_RESPONSE.decode(body.subarray(PREFIX)));
  const { results = [] } = answer as { results?: readonly object[] };
  const described = { ...answer, results: results.map((user) => ({ ...user, description })) };
  return messageAnswer(SELECT_USER_RESPONSE.encode(described).finish());
}

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
