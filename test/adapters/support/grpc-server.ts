import {
  createSecureServer,
  createServer,
  type Http2Server,
  type Http2Session,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from 'node:http2';
import { generate } from 'selfsigned';
import type { Endpoint } from '../../../protocol/cluster/endpoint.ts';
import { type AtEnd, serve } from '../../support/loopback.ts';

export interface GrpcCall {
  /** The name of the method: `UpdateCredential`. */
  readonly method: string;
  /** The header of this name, decoded from base64. */
  readonly authorization: string;
  /** The serialized message, whose texts are readable. */
  readonly message: string;
}

export type GrpcAnswer =
  /** An HTTP status without a gRPC status, as a gateway sends it. */
  | { http: number }
  /** A gRPC status. `details` is sent as it is, so the caller escapes it. */
  | { grpc: number; details?: string }
  /** The code with which HTTP/2 resets the stream. */
  | { reset: number }
  /** A message, see {@link statusMessage} and {@link userMessage}. */
  | { message: Uint8Array };

export interface GrpcServer {
  readonly endpoint: Endpoint;
  readonly calls: GrpcCall[];
  readonly headers: IncomingHttpHeaders[];
  readonly connections: Http2Session[];
}

/**
 * Starts an HTTP/2 server on loopback for one test. The server stands for a cluster, or for a
 * gateway in front of a cluster. It never answers a call for which `answer` returns undefined.
 */
export async function grpcServer(
  answer: (call: GrpcCall) => GrpcAnswer | undefined | Promise<GrpcAnswer>,
  tls?: Pick<SecureServerOptions, 'key' | 'cert'>,
  atEnd?: AtEnd,
): Promise<GrpcServer> {
  const server: Http2Server = tls === undefined ? createServer() : createSecureServer(tls);
  const connections: Http2Session[] = [];
  const calls: GrpcCall[] = [];
  const allHeaders: IncomingHttpHeaders[] = [];
  server.on('session', (session) => connections.push(session));
  server.on('stream', (stream, headers) => {
    let message = Buffer.alloc(0);
    stream.on('error', () => undefined);
    stream.on('data', (bytes: Buffer) => {
      message = Buffer.concat([message, bytes]);
      // Does not wait for the end of the stream, like grpc-go: a retry of the SDK does not end it.
      if (message.length < 5 || message.length < 5 + message.readUInt32BE(1)) {
        return;
      }
      const call = {
        method: String(headers[':path']).split('/').at(-1) ?? '',
        authorization: Buffer.from(String(headers['authorization']), 'base64').toString(),
        message: message.toString(),
      };
      calls.push(call);
      allHeaders.push(headers);
      void Promise.resolve(answer(call)).then((answered) => respond(stream, answered));
    });
  });
  const endpoint = await serve(server, tls === undefined ? 'http' : 'https', atEnd);
  return { endpoint, calls, headers: allHeaders, connections };
}

function respond(stream: ServerHttp2Stream, answer: GrpcAnswer | undefined): void {
  // The client may have cancelled the call.
  if (answer === undefined || stream.destroyed) {
    return;
  }
  if ('reset' in answer) {
    stream.close(answer.reset);
    return;
  }
  if ('http' in answer) {
    stream.respond({ ':status': answer.http, 'content-type': 'text/html' }, { endStream: true });
    return;
  }
  const headers = { ':status': 200, 'content-type': 'application/grpc' };
  if ('grpc' in answer) {
    const trailers = { 'grpc-status': answer.grpc, 'grpc-message': answer.details ?? '' };
    stream.respond({ ...headers, ...trailers }, { endStream: true });
    return;
  }
  stream.respond(headers, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': 0 }));
  const length = Buffer.alloc(5);
  length.writeUInt32BE(answer.message.length, 1);
  stream.end(Buffer.concat([length, answer.message]));
}

/** A certificate for 127.0.0.1, which is its own authority. */
export async function selfSigned(): Promise<{ key: string; cert: string }> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { key, cert };
}

export interface MilvusStatus {
  /** Milvus's older codes: 0 is Success, 1 UnexpectedError, 5 IllegalArgument. */
  readonly errorCode?: number;
  readonly code?: number;
  readonly reason?: string;
}

/** Serializes Milvus's message Status. */
export function statusMessage({ errorCode = 0, code = 0, reason = '' }: MilvusStatus): Buffer {
  return Buffer.concat([numberField(1, errorCode), bytesField(2, reason), numberField(3, code)]);
}

/** Serializes Milvus's answer about one user, which may have no name. */
export function userMessage(name: string | undefined, roles: readonly string[], status: MilvusStatus = {}): Buffer {
  const entity = (id: number, text: string): Buffer => bytesField(id, bytesField(1, text));
  const user = name === undefined ? [] : [entity(1, name)];
  return Buffer.concat([
    bytesField(1, statusMessage(status)),
    bytesField(2, Buffer.concat([...user, ...roles.map((role) => entity(2, role))])),
  ]);
}

function numberField(id: number, value: number): Buffer {
  return Buffer.from([id << 3, ...varint(value)]);
}

function bytesField(id: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([(id << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
