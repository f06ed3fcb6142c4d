import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Endpoint } from '../../../protocol/cluster/endpoint.ts';
import { type AtEnd, serve } from '../../support/loopback.ts';

export interface RestCall {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly socket: Socket;
}

export interface RestAnswer {
  readonly status: number;
  /** An object is sent as JSON. */
  readonly body: string | object;
  readonly headers?: OutgoingHttpHeaders;
}

export interface RestServer {
  readonly endpoint: Endpoint;
  readonly calls: RestCall[];
  readonly connections: Socket[];
}

/**
 * Starts an HTTP server on loopback for one test. The server stands for a cluster with REST, or
 * for a gateway in front of a cluster. It never answers a call for which `answer` returns
 * undefined, and it leaves the closing of every connection to the client.
 */
export async function restServer(
  answer: (call: RestCall) => RestAnswer | undefined | Promise<RestAnswer>,
  tls?: Pick<ServerOptions, 'key' | 'cert'>,
  atEnd?: AtEnd,
): Promise<RestServer> {
  const calls: RestCall[] = [];
  const connections: Socket[] = [];
  const server: Server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => connections.push(socket));
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url: path, headers: received, socket } = request;
    const call = { method, path, headers: received, body: await text(request), socket };
    calls.push(call);
    const { status, body, headers } = (await answer(call)) ?? {};
    if (status !== undefined) {
      response.writeHead(status, { connection: 'keep-alive', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    }
  };
  server.on('request', (request, response) => void respond(request, response));
  return { endpoint: await serve(server, tls === undefined ? 'http' : 'https', atEnd), calls, connections };
}

export const UNAUTHENTICATED: RestAnswer = {
  status: 401,
  body: { code: 1800, message: "user hasn't authenticated" },
};
