import type { Socket } from 'node:net';
import {
  type ClusterAnswer,
  forward,
  grpcProxy,
  type ProxiedRequest,
  respond,
} from '../../local/servers/grpc-proxy.ts';
import { type Listening, listenOnLoopback } from '../../local/servers/ports.ts';
import {
  authorizationOfUser,
  type ClusterRequest,
  type ConnectionFault,
  isSuccess,
  PASSWORD_REFUSED,
  readRequest,
  type StruckRequest,
  UNAUTHENTICATED,
} from './cluster-request.ts';

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
  endpoint = '';
  /** The requests since {@link forget}. */
  received: ClusterRequest[] = [];
  /** Whether the cluster refuses the password of the next change, and keeps refusing it. */
  refusesNextPassword = false;
  /** Milliseconds from a change until the late proxy knows it. 0: no proxy is late. */
  lateProxyMs = 0;
  #listening: Listening | undefined;
  /** The last change of each user that the late proxy may not know yet. */
  readonly #changes = new Map<string, { readonly from: string; readonly to: string; readonly at: number }>();
  #armed: ArmedFault | undefined;
  #refusedPassword: string | undefined;
  #networkDown = false;

  static async before(endpoint: string): Promise<LoadBalancer> {
    const balancer = new LoadBalancer();
    const server = grpcProxy({ endpoint }, (proxied) => balancer.#answer(proxied));
    server.on('connection', (socket: Socket) => {
      if (balancer.#networkDown) {
        socket.destroy();
      }
    });
    balancer.#listening = await listenOnLoopback(server);
    balancer.endpoint = `http://127.0.0.1:${balancer.#listening.port}`;
    return balancer;
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

  /** Ends a fault. New connections work, and the late proxy knows every change up to now. */
  restore(): void {
    this.#armed = undefined;
    this.#networkDown = false;
    this.#changes.clear();
    this.#listening?.closeConnections();
  }

  /** Forgets the received requests. */
  forget(): void {
    this.received = [];
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
    await this.#listening?.stop();
  }

  async #answer(proxied: ProxiedRequest): Promise<void> {
    const request = readRequest(proxied.headers, proxied.body);
    this.received.push(request);
    const armed = this.#takeFault(request);
    if (armed?.fault === 'network down' || armed?.fault === 'request held') {
      if (armed.fault === 'network down') {
        this.#networkDown = true;
        this.#listening?.closeConnections();
      }
      armed.occurs();
      return;
    }
    const answer = await this.#answerOfCluster(request, proxied);
    if (request.newPassword !== undefined && isSuccess(answer)) {
      const from = request.caller === request.username ? request.password : '';
      this.#changes.set(request.username, { from, to: request.newPassword, at: performance.now() });
    }
    if (armed === undefined) {
      respond(proxied.stream, answer);
      return;
    }
    if (armed.fault !== 'answer held') {
      this.#networkDown = armed.fault === 'answer lost, network down';
      this.#listening?.closeConnections();
    }
    armed.occurs();
  }

  /** Every second connection leads to the late proxy. */
  async #answerOfCluster(request: ClusterRequest, proxied: ProxiedRequest): Promise<ClusterAnswer> {
    const isLate = proxied.connection % 2 === 0;
    const known = isLate ? this.#asKnownBeforeChange(request) : request.password;
    if (known === undefined) {
      return UNAUTHENTICATED;
    }
    const headers = { ...proxied.headers, authorization: authorizationOfUser(request.caller, known) };
    return this.#refusal(request) ?? (await forward({ ...proxied, headers }));
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
}
