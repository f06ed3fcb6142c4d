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
import type { Change, Cluster } from '../../../protocol/cluster/cluster.ts';
import { type Endpoint, parseEndpoint } from '../../../protocol/cluster/endpoint.ts';
import { type AtEnd, LOOPBACK, serve } from '../../support/loopback.ts';

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

/** Starts a server with the users of a cluster, for example of an InMemoryCluster. */
export function restServerOf(cluster: Cluster): Promise<RestServer> {
  return restServer(async ({ path, headers, body }) => {
    const { userName, password, newPassword } = JSON.parse(body) as Record<string, string>;
    const token = String(headers.authorization).replace('Bearer ', '');
    const caller = { endpoint: ANY_ENDPOINT, ...userOf(token) };
    const login = await cluster.authenticates(caller);
    if (login.kind !== 'accepted') {
      return UNAUTHENTICATED;
    }
    if (path === '/v2/vectordb/users/describe') {
      return { status: 200, body: { code: 0, data: login.roles } };
    }
    // Milvus requires both passwords.
    if (!password || !newPassword || !userName) {
      return { status: 200, body: { code: 1802, message: 'missing required parameters' } };
    }
    return answerTo(
      userName === caller.username
        ? await cluster.changePassword({ ...caller, password }, newPassword)
        : await cluster.resetPassword({ endpoint: ANY_ENDPOINT, token }, userName, newPassword),
    );
  });
}

const ANY_ENDPOINT = parseEndpoint('http://127.0.0.1:19530', LOOPBACK);

function userOf(token: string): { username: string; password: string } {
  const colon = token.indexOf(':');
  return { username: token.slice(0, colon), password: token.slice(colon + 1) };
}

function answerTo(change: Change): RestAnswer {
  if (change.kind === 'changed') {
    return { status: 200, body: { code: 0, data: {} } };
  }
  // The fake answers as the gRPC adapter does: `UnexpectedError 1100: invalid password`.
  const [, code, message] = /^\w+ (\d+): (.*)$/s.exec(change.answer) ?? [];
  return { status: 200, body: { code: Number(code), message } };
}
