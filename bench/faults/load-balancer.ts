import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { forward, respond } from '../forward.ts';
import {
  authorizationOf,
  type ClusterAnswer,
  type ClusterRequest,
  isSuccess,
  PASSWORD_REFUSED,
  readRequest,
  UNAUTHENTICATED,
} from './cluster-request.ts';

/** A fault of one request to the cluster. */
export type ConnectionFault =
  /** The network fails before the request and stays down. */
  | 'network down'
  /** The cluster performs the request, and the connection breaks before the answer. */
  | 'answer lost'
  /** The same as `answer lost`, and the network stays down. */
  | 'answer lost, network down'
  /** The request does not reach the cluster. The caller waits until it is killed. */
  | 'request held'
  /** The cluster performs the request. The caller waits for the answer until it is killed. */
  | 'answer held';

/** The request that a fault strikes. A change is a change of the password. */
export type StruckRequest = 'the next request' | 'the change' | 'the request after the change';

interface ArmedFault {
  readonly request: StruckRequest;
  readonly fault: ConnectionFault;
  readonly occurs: () => void;
}

/**
 * A load balancer in front of a Milvus server. It can break connections, refuse new passwords, and
 * serve every second connection as a Milvus proxy that learns of a change late.
 */
export class LoadBalancer {
  readonly endpoint: string;
  /** The requests and the connections since {@link forget}. */
  received: ClusterRequest[] = [];
  connections = 0;
  /** Whether the cluster refuses the password of the next change, and keeps refusing it. */
  refusesNextPassword = false;
  /** Milliseconds from a change until the late proxy knows it. 0: no proxy is late. */
  lateProxyMs = 0;
  readonly #server: Http2Server;
  readonly #target: string;
  readonly #sockets = new Set<Socket>();
  /** The last change of each user that the late proxy may not know yet. */
  readonly #changes = new Map<string, { readonly from: string; readonly to: string; readonly at: number }>();
  #armed: ArmedFault | undefined;
  #refusedPassword: string | undefined;
  #networkDown = false;
  #sessions = 0;

  private constructor(server: Http2Server, target: string) {
    this.#server = server;
    this.#target = target;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket: Socket) => this.#track(socket));
    server.on('session', (session) => this.#serve(session));
  }

  static async before(endpoint: string): Promise<LoadBalancer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new LoadBalancer(server, endpoint);
  }

  /**
   * Applies the fault to one request.
   *
   * @returns a promise that resolves when the fault occurs.
   */
  arm(request: StruckRequest, fault: ConnectionFault): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#armed = { request, fault, occurs: resolve };
    return promise;
  }

  disconnect(): void {
    this.#networkDown = true;
    this.#closeConnections();
  }

  /** Ends a fault. New connections work, and the late proxy knows every change up to now. */
  restore(): void {
    this.#armed = undefined;
    this.#networkDown = false;
    this.#changes.clear();
    this.#closeConnections();
  }

  /** Forgets the received requests and connections. */
  forget(): void {
    this.received = [];
    this.connections = 0;
  }

  /** Restores the behaviour of a new load balancer. */
  reset(): void {
    this.restore();
    this.forget();
    this.refusesNextPassword = false;
    this.#refusedPassword = undefined;
    this.lateProxyMs = 0;
  }

  async close(): Promise<void> {
    this.restore();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #track(socket: Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    if (this.#networkDown) {
      socket.destroy();
    }
  }

  #serve(session: ServerHttp2Session): void {
    const isLate = ++this.#sessions % 2 === 0;
    const cluster = connect(this.#target);
    const end = (): void => {
      session.destroy();
      cluster.destroy();
    };
    for (const side of [session, cluster]) {
      side.on('error', end);
      side.on('close', end);
    }
    session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      this.#answer(stream, headers, cluster, isLate).catch(end);
    });
  }

  async #answer(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    cluster: ClientHttp2Session,
    isLate: boolean,
  ): Promise<void> {
    stream.on('error', () => undefined);
    const body = Buffer.concat((await stream.toArray()) as Buffer[]);
    const request = readRequest(headers, body);
    this.received.push(request);
    const armed = this.#takeFault(request);
    if (armed?.fault === 'network down' || armed?.fault === 'request held') {
      if (armed.fault === 'network down') {
        this.disconnect();
      }
      armed.occurs();
      return;
    }
    const known = isLate ? this.#asKnownBeforeChange(request) : request.password;
    const answer =
      known === undefined
        ? UNAUTHENTICATED
        : (this.#refusal(request) ??
          (await forward({ ...headers, authorization: authorizationOf(request.caller, known) }, body, cluster)));
    if (request.newPassword !== undefined && isSuccess(answer)) {
      const from = request.caller === request.username ? request.password : '';
      this.#changes.set(request.username, { from, to: request.newPassword, at: performance.now() });
    }
    if (armed === undefined) {
      respond(stream, answer);
      return;
    }
    if (armed.fault !== 'answer held') {
      this.#networkDown = armed.fault === 'answer lost, network down';
      this.#closeConnections();
    }
    armed.occurs();
  }

  /** The armed fault, if it strikes this request. */
  #takeFault({ newPassword }: ClusterRequest): ArmedFault | undefined {
    const armed = this.#armed;
    const isChange = newPassword !== undefined;
    if (armed === undefined || (armed.request !== 'the next request' && !isChange)) {
      return undefined;
    }
    if (armed.request === 'the request after the change') {
      this.#armed = { ...armed, request: 'the next request' };
      return undefined;
    }
    this.#armed = undefined;
    return armed;
  }

  #refusal({ newPassword }: ClusterRequest): ClusterAnswer | undefined {
    if (newPassword !== undefined && this.refusesNextPassword) {
      this.refusesNextPassword = false;
      this.#refusedPassword = newPassword;
    }
    return newPassword !== undefined && newPassword === this.#refusedPassword ? PASSWORD_REFUSED : undefined;
  }

  /**
   * While a proxy is late, it accepts the old password and rejects the new password.
   *
   * @returns the password for the cluster: the new password if the caller sends the old one,
   * otherwise the password of the caller. `undefined` if the late proxy rejects the caller.
   */
  #asKnownBeforeChange({ caller, password }: ClusterRequest): string | undefined {
    const change = this.#changes.get(caller);
    if (change === undefined || performance.now() - change.at >= this.lateProxyMs) {
      return password;
    }
    if (password === change.to) {
      return undefined;
    }
    return password === change.from ? change.to : password;
  }

  #closeConnections(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }
}
