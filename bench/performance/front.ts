import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { forward, respond } from '../forward.ts';

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
export class Front {
  readonly url: string;
  answered: Answered[] = [];
  connections = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', () => this.connections++);
  }

  /** Makes a front for a server of HTTP/1.1: the AWS emulator, or Milvus with REST. */
  static async ofHttp(target: string): Promise<Front> {
    const server = createServer((incoming, outgoing) => {
      relay(incoming, outgoing, target, (name, body) => front.#record(name, body)).catch(() => outgoing.destroy());
    });
    const front = await Front.#listen(server);
    return front;
  }

  /** Makes a front for a server of gRPC without TLS. */
  static async ofGrpc(target: string): Promise<Front> {
    const server = createHttp2Server();
    server.on('session', (session: ServerHttp2Session) => {
      const cluster = connect(target);
      const end = (): void => {
        session.destroy();
        cluster.destroy();
      };
      for (const side of [session, cluster]) {
        side.on('error', end).on('close', end);
      }
      session.on('stream', (stream, headers) => {
        stream.on('error', () => undefined);
        const answer = async (): Promise<void> => {
          const body = Buffer.concat((await stream.toArray()) as Buffer[]);
          const received = await forward(headers, body, cluster);
          front.#record(String(headers[':path']), body);
          respond(stream, received);
        };
        answer().catch(end);
      });
    });
    const front = await Front.#listen(server);
    return front;
  }

  static async #listen(server: Server): Promise<Front> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Front(server);
  }

  #record(address: string, body: Buffer): void {
    const name = address.split(/[/.]/).at(-1) ?? '';
    const promotes = name === 'UpdateSecretVersionStage' && body.includes('"AWSCURRENT"');
    this.answered.push({ name, promotes, at: performance.now() });
  }

  /** Forgets the requests and the connections up to now. */
  forget(): void {
    this.answered = [];
    this.connections = 0;
  }

  /** Accepts no more connections. */
  close(): void {
    this.#server.close();
  }
}

async function relay(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: string,
  record: (address: string, body: Buffer) => void,
): Promise<void> {
  const body = Buffer.concat((await incoming.toArray()) as Buffer[]);
  const { method, url = '/' } = incoming;
  const { connection: _, ...headers } = incoming.headers;
  const call = request(new URL(url, target), { method, headers, agent: false });
  call.end(body);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  const content = Buffer.concat((await answer.toArray()) as Buffer[]);
  const action = headers['x-amz-target'];
  record(typeof action === 'string' ? action : url, body);
  const { connection: _own, ...received } = answer.headers;
  outgoing.writeHead(answer.statusCode ?? 502, received).end(content);
}
