import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Http2Frames } from './http2-frames.ts';

/** A fault of one request to the cluster. */
export type ConnectionFault =
  /** The network fails before the request and stays down. */
  | 'network down'
  /** The cluster performs the request, and the connection breaks before the answer. */
  | 'answer lost'
  /** As `answer lost`, and the network stays down. */
  | 'answer lost, network down'
  /** The request does not reach the cluster. The caller waits until it is killed. */
  | 'request held'
  /** The cluster performs the request. The caller waits for the answer until it is killed. */
  | 'answer held';

interface ArmedFault {
  /** The number of the request, counted from 1. */
  readonly request: number;
  readonly fault: ConnectionFault;
  readonly occurs: () => void;
}

/** A TCP proxy in front of a Milvus server that can break connections. */
export class ClusterProxy {
  readonly endpoint: string;
  /** The number of requests through this proxy. */
  requests = 0;
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #open = new Set<Socket>();
  #armed: ArmedFault | undefined;
  #networkDown = false;

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

  /**
   * Applies the fault to the `nth` request from now, counted from 1.
   *
   * @returns a promise that resolves when the fault occurs.
   */
  arm(nth: number, fault: ConnectionFault): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#armed = { request: this.requests + nth, fault, occurs: resolve };
    return promise;
  }

  /** Removes the fault. Existing connections are closed, and new connections work. */
  restore(): void {
    this.#armed = undefined;
    this.#networkDown = false;
    this.#closeConnections();
  }

  async close(): Promise<void> {
    this.restore();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.#track(client);
    if (this.#networkDown) {
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
        if (headersOf !== undefined && ++this.requests === this.#armed?.request) {
          stream = headersOf;
          held = this.#beforeRequest(this.#armed);
        }
        pass(frame, server);
      }
    });
    const answers = new Http2Frames();
    server.on('data', (bytes: Buffer) => {
      for (const { bytes: frame, headersOf } of answers.next(bytes)) {
        if (headersOf !== undefined && headersOf === stream && this.#armed !== undefined) {
          held = this.#beforeAnswer(this.#armed);
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

  /** @returns whether this connection passes no more bytes. */
  #beforeRequest({ fault, occurs }: ArmedFault): boolean {
    if (fault !== 'network down' && fault !== 'request held') {
      return false;
    }
    if (fault === 'network down') {
      this.#networkDown = true;
      this.#closeConnections();
    }
    occurs();
    return true;
  }

  /** @returns whether this connection passes no more bytes. */
  #beforeAnswer({ fault, occurs }: ArmedFault): boolean {
    if (fault !== 'answer held') {
      this.#networkDown = fault === 'answer lost, network down';
      this.#closeConnections();
    }
    occurs();
    return true;
  }

  #closeConnections(): void {
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
