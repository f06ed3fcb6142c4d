import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import { forward, grpcProxy, respond } from '../../local/servers/grpc-proxy.ts';
import { listenOnLoopback } from '../../local/servers/ports.ts';

/** A request that a server has answered. */
export interface Answered {
  /** The action of AWS, the method of gRPC, or the last part of the path of REST. */
  readonly name: string;
  /** Whether the request moved AWSCURRENT. */
  readonly promotes: boolean;
  /** When the answer was complete, on the clock of `performance.now()`. */
  readonly at: number;
}

/**
 * Stands in front of a server, forwards each request to it, and counts requests and connections.
 * Every measured function gets the same front, so the delay of the front is the same for all.
 */
export interface Front {
  readonly url: string;
  readonly answered: readonly Answered[];
  readonly connections: number;
  /** Forgets the requests and the connections up to now. */
  forget(): void;
  close(): void;
}

type Recorder = (address: string, body: Buffer) => void;

/**
 * Meets each request before it is forwarded and before it is answered. If it throws, the connection
 * ends.
 */
export type Passage = (point: 'before' | 'after') => Promise<void> | void;

/**
 * Makes a front for a server of HTTP/1.1: the AWS emulator, Milvus with REST, or a control plane.
 */
export function httpFront(target: string, pass: Passage = () => undefined): Promise<Front> {
  return createFront((record) =>
    createServer((incoming, outgoing) => {
      relay(incoming, outgoing, { target, record, pass }).catch(() => outgoing.destroy());
    }),
  );
}

/** Makes a front for a server of gRPC without TLS. */
export function grpcFront(target: string): Promise<Front> {
  return createFront((record) =>
    grpcProxy({ endpoint: target }, async (proxied) => {
      const answer = await forward(proxied);
      record(String(proxied.headers[':path']), proxied.body);
      respond(proxied.stream, answer);
    }),
  );
}

async function createFront(createServerWith: (record: Recorder) => Server): Promise<Front> {
  const counted = { answered: [] as Answered[], connections: 0 };
  const server = createServerWith((address, body) => {
    const name = address.split(/[/.]/).at(-1) ?? '';
    const promotes = name === 'UpdateSecretVersionStage' && body.includes('"AWSCURRENT"');
    counted.answered.push({ name, promotes, at: performance.now() });
  });
  server.on('connection', () => counted.connections++);
  const { port, stop } = await listenOnLoopback(server);
  const url = `http://127.0.0.1:${port}`;
  const forget = (): void => void Object.assign(counted, { answered: [], connections: 0 });
  return Object.assign(counted, { url, forget, close: () => void stop() });
}

async function relay(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { target, record, pass }: { target: string; record: Recorder; pass: Passage },
): Promise<void> {
  const body = Buffer.concat((await incoming.toArray()) as Buffer[]);
  await pass('before');
  const answer = await send(target, incoming, body);
  await pass('after');
  const action = incoming.headers['x-amz-target'];
  record(typeof action === 'string' ? action : (incoming.url ?? '/'), body);
  outgoing.writeHead(answer.status, answer.headers).end(answer.body);
}

/** Sends a request with this body to a server of HTTP/1.1, on a connection of its own. */
export async function send(
  target: string,
  { method, url = '/', headers }: IncomingMessage,
  body: Buffer | string,
): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }> {
  const { connection: _, 'content-length': _length, ...sent } = headers;
  const call = request(new URL(url, target), { method, headers: sent, agent: false }).end(body);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  const { connection: _own, ...received } = answer.headers;
  return {
    status: answer.statusCode ?? 502,
    headers: received,
    body: Buffer.concat((await answer.toArray()) as Buffer[]),
  };
}
