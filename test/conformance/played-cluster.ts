import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GrpcAnswer, grpcServer } from '../adapters/support/grpc-server.ts';
import { type RestAnswer, restServer, UNAUTHENTICATED } from '../adapters/support/rest-server.ts';
import { type AtEnd, serve } from '../support/loopback.ts';
import type { ProxyState } from './case.ts';

const MAX_PROXIES = 2;

const REFUSAL: GrpcAnswer = { grpc: 16, details: 'auth check failure, please check username and password are correct' };

/** The proxies of a cluster behind a load balancer, which gives each connection to the next one. */
export class PlayedCluster {
  endpoint = '';
  /** Every token that a client has sent. */
  readonly received: Set<string> = new Set();
  #proxies: readonly ProxyState[] = [];
  #accepted = 0;
  readonly #sockets = new Set<Socket>();

  static async start(transport: 'grpc' | 'rest', atEnd: AtEnd): Promise<PlayedCluster> {
    const cluster = new PlayedCluster();
    const ports: number[] = [];
    for (let index = 0; index < MAX_PROXIES; index += 1) {
      const server =
        transport === 'grpc'
          ? await grpcServer(({ authorization }) => cluster.#answer(index, authorization), undefined, atEnd)
          : await restServer(({ headers }) => cluster.#restAnswer(index, headers.authorization), undefined, atEnd);
      ports.push(Number(server.endpoint.port));
    }
    const balancer = createServer((socket) => {
      const index = cluster.#accepted % cluster.#proxies.length;
      cluster.#accepted += 1;
      if (cluster.#proxies[index] === 'down') {
        socket.destroy();
      } else {
        cluster.#join(socket, connect(ports[index] ?? 0, '127.0.0.1'));
      }
    });
    cluster.endpoint = (await serve(balancer, 'http', atEnd)).url;
    return cluster;
  }

  /** Connections of clients that are open now. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  change(proxies: readonly ProxyState[]): void {
    this.#proxies = proxies;
    if (proxies.includes('down')) {
      for (const socket of this.#sockets) {
        socket.destroy();
      }
    }
  }

  async #answer(index: number, token: string): Promise<GrpcAnswer> {
    this.received.add(token);
    const proxy = this.#proxies[index] ?? [];
    if (typeof proxy === 'string') {
      return { http: 401 };
    }
    const { accepts, delayMs } = 'accepts' in proxy ? proxy : { accepts: proxy, delayMs: 0 };
    await sleep(delayMs);
    // Every answer of Milvus may be an empty message.
    return accepts.includes(token) ? { message: new Uint8Array() } : REFUSAL;
  }

  async #restAnswer(index: number, authorization: string | undefined): Promise<RestAnswer> {
    const answer = await this.#answer(index, String(authorization).replace('Bearer ', ''));
    if ('message' in answer) {
      return { status: 200, body: { code: 0, data: [] } };
    }
    return answer === REFUSAL ? UNAUTHENTICATED : { status: 401, body: '<html>401 Authorization Required</html>' };
  }

  #join(socket: Socket, proxy: Socket): void {
    for (const [from, to] of [
      [socket, proxy],
      [proxy, socket],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}
