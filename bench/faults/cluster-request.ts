import type { IncomingHttpHeaders } from 'node:http2';

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

/** The numbers of the fields in Milvus's Protocol Buffers. */
const USERNAME = 2;
const NEW_PASSWORD = 4;
const NAME_OF_USER = 1;

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
    ? { caller, password, username: subject.toString(), newPassword: fromBase64(fields.get(NEW_PASSWORD)) }
    : { caller, password, username: textFields(subject).get(NAME_OF_USER)?.toString() ?? '', newPassword: undefined };
}

export function authorizationOf(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

function fromBase64(text: Buffer | undefined): string {
  return Buffer.from(text?.toString() ?? '', 'base64').toString();
}

/** The fields of a message that are texts, bytes or messages. */
function textFields(message: Buffer): ReadonlyMap<number, Buffer> {
  const fields = new Map<number, Buffer>();
  let offset = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; offset < message.length; factor *= 128) {
      const byte = message.readUInt8(offset++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        break;
      }
    }
    return value;
  };
  while (offset < message.length) {
    const key = varint();
    const length = varint();
    if ((key & 7) === 2) {
      fields.set(key >> 3, message.subarray(offset, offset + length));
      offset += length;
    }
  }
  return fields;
}

/** A complete answer of the cluster. */
export interface ClusterAnswer {
  readonly headers: Readonly<Record<string, string | number | string[] | undefined>>;
  readonly body: Buffer;
  readonly trailers: ClusterAnswer['headers'];
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

/** This text must be shorter than 128 bytes, because one byte of the Status holds its length. */
const REFUSAL = 'invalid password length: invalid parameter[5 out of range 6 <= value <= 256]';

/** Milvus answers this if its password policy refuses a new password: a Status with code 1100. */
export const PASSWORD_REFUSED: ClusterAnswer = {
  headers: OK,
  // error_code (1): 1, reason (2): the text of Milvus, code (3): 1100
  body: framed(
    Buffer.concat([Buffer.from([0x08, 1, 0x12, REFUSAL.length]), Buffer.from(REFUSAL), Buffer.from([0x18, 0xcc, 8])]),
  ),
  trailers: { 'grpc-status': '0' },
};

function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
