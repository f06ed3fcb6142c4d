import type { IncomingHttpHeaders } from 'node:http2';
import protobuf from 'protobufjs';
import type { ClusterAnswer } from '../cloud/grpc-proxy.ts';

const { Reader, Writer } = protobuf;

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

/** The numbers of the fields in Milvus's Protocol Buffers. */
const USERNAME = 2;
const NEW_PASSWORD = 4;
const NAME_OF_USER = 1;

/** The type of a field that is a text, bytes or a message. */
const DELIMITED = 2;

/** The bytes before a message of gRPC: whether it is compressed, and its length. */
const PREFIX = 5;

/** @param body one message of gRPC. */
export function readRequest(headers: IncomingHttpHeaders, body: Buffer): ClusterRequest {
  const token = Buffer.from(headers.authorization ?? '', 'base64').toString();
  const [caller = ''] = token.split(':', 1);
  const password = token.slice(caller.length + 1);
  const fields = textFields(body.subarray(PREFIX));
  const subject = fields.get(USERNAME) ?? Buffer.alloc(0);
  return headers[':path']?.endsWith('/UpdateCredential') === true
    ? { caller, password, username: textOf(subject), newPassword: fromBase64(fields.get(NEW_PASSWORD)) }
    : { caller, password, username: textOf(textFields(subject).get(NAME_OF_USER)), newPassword: undefined };
}

export function authorizationOfUser(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

const fromBase64 = (bytes: Uint8Array | undefined): string => Buffer.from(textOf(bytes), 'base64').toString();

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

/** The fields of a message that are texts, bytes or messages. */
function textFields(message: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>();
  const reader = Reader.create(message);
  while (reader.pos < reader.len) {
    const key = reader.uint32();
    if ((key & 7) === DELIMITED) {
      fields.set(key >> 3, reader.bytes());
    } else {
      reader.skipType(key & 7);
    }
  }
  return fields;
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

const REFUSAL = 'invalid password length: invalid parameter[5 out of range 6 <= value <= 256]';

/** Milvus answers this if its password policy refuses a new password: a Status with code 1100. */
export const PASSWORD_REFUSED: ClusterAnswer = {
  headers: OK,
  // error_code (1): 1, reason (2): the text of Milvus, code (3): 1100
  body: framed(Writer.create().uint32(8).int32(1).uint32(18).string(REFUSAL).uint32(24).int32(1100).finish()),
  trailers: { 'grpc-status': '0' },
};

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
