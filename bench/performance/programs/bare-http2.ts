import { once } from 'node:events';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { tokenOf } from '../../../protocol/secret/credential-form.ts';
import { createAwsHandler } from '../aws-single-user.ts';

/**
 * The lower bound: AWS's single-user algorithm without any SDK for the cluster. One HTTP/2
 * connection, and messages of Protocol Buffers encoded by hand.
 */
export const handler: ReturnType<typeof createAwsHandler> = createAwsHandler({
  authenticates: async ({ endpoint, username, password }) => {
    const user = text(1, username);
    const { status } = await call(endpoint.url, 'SelectUser', tokenOf({ username, password }), field(2, user));
    return status === '0' ? { kind: 'accepted', roles: [] } : { kind: 'rejected' };
  },
  changePassword: async ({ endpoint, username, password }, newPassword) => {
    const request = [text(2, username), text(3, base64(password)), text(4, base64(newPassword))];
    const token = tokenOf({ username, password });
    const { status, length } = await call(endpoint.url, 'UpdateCredential', token, Buffer.concat(request));
    // The message of a success has default values only, so it is empty.
    return status === '0' && length === PREFIX
      ? { kind: 'changed' }
      : { kind: 'refused', reason: 'unclear', answer: `gRPC ${status}, ${length} bytes` };
  },
});

/** The bytes before a message of gRPC: whether it is compressed, and its length. */
const PREFIX = 5;
const TEXT_OR_MESSAGE = 2;

let session: ClientHttp2Session | undefined;

/** @returns the status of gRPC and the length of the answer in bytes. */
async function call(
  url: string,
  method: string,
  token: string,
  message: Buffer,
): Promise<{ status: string; length: number }> {
  session ??= connect(url);
  const stream = session.request({
    ':method': 'POST',
    ':path': `/milvus.proto.milvus.MilvusService/${method}`,
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: base64(token),
  });
  let headers: IncomingHttpHeaders = {};
  const keep = (received: IncomingHttpHeaders): void => {
    headers = { ...headers, ...received };
  };
  stream.on('response', keep).on('trailers', keep);
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
  });
  await once(stream, 'close');
  return { status: String(headers['grpc-status']), length };
}

const base64 = (value: string): string => Buffer.from(value).toString('base64');

const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));

/** A field of less than 128 bytes, so that its length takes one byte. */
const field = (number: number, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | TEXT_OR_MESSAGE, value.length]), value]);
