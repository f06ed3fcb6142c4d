import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Http2Frames } from './http2-frames.ts';

/** What happens to a request on its way to the cluster, or to its answer on the way back. */
export type Cut =
  /** The network is gone just before the request. */
  | 'gone'
  /** The cluster has done what was asked, and the connection breaks before a byte of the answer arrives. */
  | 'answer lost'
  /** As before, and the network stays away. */
  | 'answer lost and gone'
  /** The request does not reach the cluster, and nothing comes back, until whoever waits is killed. */
  | 'request held'
  /** The cluster has done what was asked, and its answer is held until whoever waits is killed. */
  | 'answer held';

/** A TCP proxy in front of a Milvus server: the network of one scenario, which can be cut for real. */
export class ClusterProxy {
  readonly endpoint: string;
  /** How many requests were ever made through it. */
  requests = 0;
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #open = new Set<Socket>();
  #plan: { at: number; cut: Cut; struck: () => void } | undefined;
  #gone = false;

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = { host: target.hostname, port: Number(target.port) };
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (client) => this.#accept(client));
  }

  static async before(endpoint: string): Promise<ClusterProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ClusterProxy(server, new URL(endpoint));
  }

  /** Does this to the request that comes as the `at`th from now, counted from 1. @returns when it has happened. */
  arm(at: number, cut: Cut): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#plan = { at: this.requests + at, cut, struck: resolve };
    return promise;
  }

  /** The network is whole again. */
  mend(): void {
    this.#plan = undefined;
    this.#gone = false;
    this.#breakAll();
  }

  async close(): Promise<void> {
    this.mend();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.#track(client);
    if (this.#gone) {
      client.destroy();
      return;
    }
    const server = connect(this.#target);
    this.#track(server);
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    let held = false;
    let stream: number | undefined;

    const requests = new Http2Frames();
    client.on('data', (bytes: Buffer) => {
      for (const { bytes: frame, headersOf } of requests.next(bytes)) {
        if (headersOf !== undefined && ++this.requests === this.#plan?.at) {
          stream = headersOf;
          held = this.#beforeRequest(this.#plan);
        }
        pass(frame, server);
      }
    });
    const answers = new Http2Frames();
    server.on('data', (bytes: Buffer) => {
      for (const { bytes: frame, headersOf } of answers.next(bytes)) {
        if (headersOf !== undefined && headersOf === stream && this.#plan !== undefined) {
          held = this.#beforeAnswer(this.#plan);
        }
        pass(frame, client);
      }
    });
    const pass = (frame: Buffer, to: Socket): void => {
      if (!held && !to.destroyed) {
        to.write(frame);
      }
    };
  }

  /** @returns whether nothing may pass any more. */
  #beforeRequest({ cut, struck }: { cut: Cut; struck: () => void }): boolean {
    if (cut !== 'gone' && cut !== 'request held') {
      return false;
    }
    if (cut === 'gone') {
      this.#gone = true;
      this.#breakAll();
    }
    struck();
    return true;
  }

  #beforeAnswer({ cut, struck }: { cut: Cut; struck: () => void }): boolean {
    if (cut !== 'answer held') {
      this.#gone = cut === 'answer lost and gone';
      this.#breakAll();
    }
    struck();
    return true;
  }

  #breakAll(): void {
    for (const socket of this.#open) {
      socket.destroy();
    }
  }

  #track(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#open.delete(socket));
  }
}
