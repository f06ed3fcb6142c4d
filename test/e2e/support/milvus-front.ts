import {
  type ChangeStatus,
  isSuccess,
  readRequest,
  statusAnswer,
  UNAUTHENTICATED,
  withDescription,
} from '../../../bench/faults/cluster-request.ts';
import {
  type ClusterAnswer,
  forward,
  grpcProxy,
  type ProxiedRequest,
  respond,
} from '../../../local/servers/grpc-proxy.ts';
import { listenOnLoopback } from '../../../local/servers/ports.ts';
import type { RestVersion } from '../../../local/servers/rest-routes.ts';
import { startRestServer } from '../../../local/servers/rest-server.ts';
import type { Transport } from '../../../protocol/cluster/endpoint.ts';
import { servers } from '../../support/servers.ts';

/** How many logins with the new password a proxy refuses before it knows a change. */
export const LATE_LOGINS = 3;

const WRONG_OLD_PASSWORD: ClusterAnswer = statusAnswer({
  error_code: 1,
  code: 1400,
  reason: 'old password not correct for orders: not authenticated',
});

/** A proxy of another version of Milvus, in front of the real one. */
export class MilvusFront {
  endpoint = '';
  /**
   * The answer to a change, which the proxy learns of late. Undefined: that of the real Milvus.
   * ASSUMPTION milvus-error-after-change, ASSUMPTION milvus-broadcast
   */
  changeAnswer: ChangeStatus | undefined;
  /** Whether it cannot get a credential from its coordinator. ASSUMPTION milvus-no-coordinator */
  coordinatorIsAway = false;
  /** Whether it loses its coordinator before it checks the old password of a change. */
  losesCoordinator = false;
  /** Changes that the real Milvus has made. */
  changes = 0;
  /** The program that made each refused login, as it names itself. */
  refusedLogins: string[] = [];
  readonly #describesUsers: boolean;
  readonly #stops: (() => Promise<void>)[] = [];
  #late: { readonly change: ProxiedRequest; readonly newPassword: string; logins: number } | undefined;

  private constructor(version: RestVersion) {
    this.#describesUsers = version === '2.6';
  }

  static async start(version: RestVersion, transport: Transport): Promise<MilvusFront> {
    const front = new MilvusFront(version);
    const { plaintext } = servers().access.milvus;
    const { port, stop } = await listenOnLoopback(grpcProxy(plaintext, (proxied) => front.#answer(proxied)));
    front.#stops.push(stop);
    front.endpoint = `http://127.0.0.1:${port}`;
    if (transport === 'rest') {
      const rest = await startRestServer({ milvus: { endpoint: front.endpoint }, version });
      front.#stops.push(rest.stop);
      front.endpoint = rest.endpoint;
    }
    return front;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
  }

  async #answer(proxied: ProxiedRequest): Promise<void> {
    const { password, newPassword } = readRequest(proxied.headers, proxied.body);
    if (this.coordinatorIsAway || (await this.#isLate(password, proxied))) {
      this.refusedLogins.push(String(proxied.headers['user-agent']));
      respond(proxied.stream, UNAUTHENTICATED);
    } else if (newPassword === undefined) {
      const answer = await forward(proxied);
      const hasUser = this.#describesUsers && proxied.headers[':path']?.endsWith('/SelectUser') === true;
      respond(proxied.stream, hasUser && answer.body.length > 0 ? withDescription(answer, 'reads orders') : answer);
    } else {
      respond(proxied.stream, await this.#change(proxied, newPassword));
    }
  }

  async #change(change: ProxiedRequest, newPassword: string): Promise<ClusterAnswer> {
    if (this.losesCoordinator) {
      this.losesCoordinator = false;
      this.coordinatorIsAway = true;
      return WRONG_OLD_PASSWORD;
    }
    if (this.changeAnswer === undefined) {
      return await this.#make(change);
    }
    this.#late = { change, newPassword, logins: LATE_LOGINS };
    return statusAnswer(this.changeAnswer);
  }

  /** Makes a late change when enough logins have been refused. */
  async #isLate(password: string, { cluster }: ProxiedRequest): Promise<boolean> {
    const late = this.#late;
    if (late === undefined || password !== late.newPassword) {
      return false;
    }
    if (late.logins > 0) {
      late.logins -= 1;
      return true;
    }
    this.#late = undefined;
    await this.#make({ ...late.change, cluster });
    return false;
  }

  async #make(change: ProxiedRequest): Promise<ClusterAnswer> {
    const answer = await forward(change);
    this.changes += isSuccess(answer) ? 1 : 0;
    return answer;
  }
}
