import type { Socket } from 'node:net';
import { type MilvusAnswer, type MilvusCall, milvusFront } from '../../../local/servers/milvus-front.ts';
import {
  type ClusterRequest,
  isSuccess,
  PASSWORD_REFUSED,
  readRequest,
  UNAUTHENTICATED,
} from '../../../local/servers/milvus-messages.ts';
import { type Listening, listenOnLoopback } from '../../../local/servers/ports.ts';

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

/** The request that a fault strikes. `the change`: the request that changes the password. */
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
  endpoint = '';
  /** A test empties it. */
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
    const server = milvusFront({ endpoint }, (call) => balancer.#answer(call));
    server.on('connection', (socket: Socket) => {
      if (balancer.#networkDown) {
        socket.destroy();
      }
    });
    balancer.#listening = await listenOnLoopback(server);
    balancer.endpoint = balancer.#listening.url;
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

  /** Restores the behaviour of a new load balancer. */
  reset(): void {
    this.restore();
    this.received = [];
    this.refusesNextPassword = false;
    this.#refusedPassword = undefined;
    this.lateProxyMs = 0;
  }

  async close(): Promise<void> {
    await this.#listening?.stop();
  }

  async #answer(call: MilvusCall): Promise<MilvusAnswer | undefined> {
    const request = await readRequest(call);
    this.received.push(request);
    const armed = this.#takeFault(request);
    if (armed?.fault === 'network down' || armed?.fault === 'request held') {
      if (armed.fault === 'network down') {
        this.#networkDown = true;
        this.#listening?.closeConnections();
      }
      armed.occurs();
      return undefined;
    }
    const answer = await this.#answerOfCluster(request, call);
    if (request.newPassword !== undefined && isSuccess(answer)) {
      const from = request.caller === request.username ? request.password : '';
      this.#changes.set(request.username, { from, to: request.newPassword, at: performance.now() });
    }
    if (armed === undefined) {
      return answer;
    }
    if (armed.fault !== 'answer held') {
      this.#networkDown = armed.fault === 'answer lost, network down';
      this.#listening?.closeConnections();
    }
    armed.occurs();
    return undefined;
  }

  /** Every second connection leads to the late proxy. */
  async #answerOfCluster(request: ClusterRequest, call: MilvusCall): Promise<MilvusAnswer> {
    const isLate = call.connection % 2 === 0;
    const known = isLate ? this.#asKnownBeforeChange(request) : request.password;
    if (known === undefined) {
      return UNAUTHENTICATED;
    }
    call.token = `${request.caller}:${known}`;
    return this.#refusal(request) ?? (await call.forward());
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

  #refusal({ newPassword }: ClusterRequest): MilvusAnswer | undefined {
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
