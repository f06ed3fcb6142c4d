import { createRequire } from 'node:module';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { PROJECT } from '../project.ts';
import { type MilvusAnswer, type MilvusCall, PREFIX } from './milvus-front.ts';

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

const definitions = createRequire(import.meta.url)(
  join(PROJECT, 'node_modules', '@zilliz', 'milvus2-sdk-node', 'dist', 'milvus', 'proto-json', 'milvus.js'),
) as { default: protobuf.INamespace };
const types = protobuf.Root.fromJSON(definitions.default);
const UPDATE_CREDENTIAL = types.lookupType('milvus.proto.milvus.UpdateCredentialRequest');
const SELECT_USER = types.lookupType('milvus.proto.milvus.SelectUserRequest');
const SELECT_USER_RESPONSE = types.lookupType('milvus.proto.milvus.SelectUserResponse');
const STATUS = types.lookupType('milvus.proto.common.Status');

export async function readRequest(call: MilvusCall): Promise<ClusterRequest> {
  const [caller = ''] = call.token.split(':', 1);
  const password = call.token.slice(caller.length + 1);
  const message = await call.message();
  if (call.name === 'UpdateCredential') {
    const { username, newPassword } = UPDATE_CREDENTIAL.toObject(UPDATE_CREDENTIAL.decode(message)) as Update;
    return { caller, password, username, newPassword: Buffer.from(newPassword, 'base64').toString() };
  }
  const { user } = (call.name === 'SelectUser' ? SELECT_USER.toObject(SELECT_USER.decode(message)) : {}) as {
    user?: { name: string };
  };
  return { caller, password, username: user?.name ?? '', newPassword: undefined };
}

interface Update {
  readonly username: string;
  readonly newPassword: string;
}

/** Whether the cluster has performed a change: it answers a Status with default values only. */
export function isSuccess({ body }: MilvusAnswer): boolean {
  return body.length === PREFIX;
}

const OK = { ':status': 200, 'content-type': 'application/grpc' };

/** A proxy of Milvus answers this to a login with a wrong password. */
export const UNAUTHENTICATED: MilvusAnswer = {
  headers: { ...OK, 'grpc-status': '16', 'grpc-message': 'auth check failure' },
  body: Buffer.alloc(0),
  trailers: {},
};

/** A message of Milvus as a complete answer. */
function messageAnswer(message: Uint8Array): MilvusAnswer {
  return { headers: OK, body: framed(message), trailers: { 'grpc-status': '0' } };
}

/** Milvus answers a change with a Status. */
export interface ChangeStatus {
  /** The older code, over gRPC only. */
  readonly error_code: number;
  readonly code: number;
  readonly reason: string;
}

export function statusAnswer(status: ChangeStatus): MilvusAnswer {
  return messageAnswer(STATUS.encode(status).finish());
}

/** Milvus answers this if its password policy refuses a new password. */
export const PASSWORD_REFUSED: MilvusAnswer = statusAnswer({
  error_code: 1,
  code: 1100,
  reason: 'invalid password length: invalid parameter[5 out of range 6 <= value <= 256]',
});

/** Adds a description to each user of an answer to SelectUser. ASSUMPTION milvus-descriptions */
export function withDescription({ body }: MilvusAnswer, description: string): MilvusAnswer {
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
