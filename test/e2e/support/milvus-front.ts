import { setPassword } from '../../../local/servers/milvus-client.ts';
import { type MilvusAnswer, type MilvusCall, milvusFront } from '../../../local/servers/milvus-front.ts';
import {
  type ChangeStatus,
  type ClusterRequest,
  isSuccess,
  readRequest,
  statusAnswer,
  UNAUTHENTICATED,
  withDescription,
} from '../../../local/servers/milvus-messages.ts';
import { listenOnLoopback } from '../../../local/servers/ports.ts';
import type { RestVersion } from '../../../local/servers/rest-routes.ts';
import { startRestServer } from '../../../local/servers/rest-server.ts';
import type { Transport } from '../../../protocol/cluster/endpoint.ts';
import { servers } from '../../support/servers.ts';

/** How many logins with the new password a proxy refuses before it knows a change. */
export const LATE_LOGINS = 3;

const WRONG_OLD_PASSWORD: MilvusAnswer = statusAnswer({
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
  #late: { readonly change: ClusterRequest; logins: number } | undefined;

  private constructor(version: RestVersion) {
    this.#describesUsers = version === '2.6';
  }

  static async start(version: RestVersion, transport: Transport): Promise<MilvusFront> {
    const front = new MilvusFront(version);
    const { plaintext } = servers().access.milvus;
    const { url, stop } = await listenOnLoopback(milvusFront(plaintext, (call) => front.#answer(call)));
    front.#stops.push(stop);
    front.endpoint = url;
    if (transport === 'rest') {
      const rest = await startRestServer({ milvus: { endpoint: url }, version });
      front.#stops.push(rest.stop);
      front.endpoint = rest.endpoint;
    }
    return front;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
  }

  async #answer(call: MilvusCall): Promise<MilvusAnswer> {
    const request = await readRequest(call);
    if (this.coordinatorIsAway || (await this.#isLate(request))) {
      this.refusedLogins.push(String(call.headers['user-agent']));
      return UNAUTHENTICATED;
    }
    if (request.newPassword !== undefined) {
      return await this.#change(request, call);
    }
    const answer = await call.forward();
    const hasUser = this.#describesUsers && call.name === 'SelectUser' && answer.body.length > 0;
    return hasUser ? withDescription(answer, 'reads orders') : answer;
  }

  async #change(change: ClusterRequest, call: MilvusCall): Promise<MilvusAnswer> {
    if (this.losesCoordinator) {
      this.losesCoordinator = false;
      this.coordinatorIsAway = true;
      return WRONG_OLD_PASSWORD;
    }
    if (this.changeAnswer !== undefined) {
      this.#late = { change, logins: LATE_LOGINS };
      return statusAnswer(this.changeAnswer);
    }
    const answer = await call.forward();
    this.changes += isSuccess(answer) ? 1 : 0;
    return answer;
  }

  /** Makes a late change when enough logins have been refused. */
  async #isLate({ password }: ClusterRequest): Promise<boolean> {
    const late = this.#late;
    if (late === undefined || password !== late.change.newPassword) {
      return false;
    }
    if (late.logins > 0) {
      late.logins -= 1;
      return true;
    }
    this.#late = undefined;
    const { caller: username, password: old } = late.change;
    await setPassword(servers().access.milvus.plaintext, { username, password: old }, password);
    this.changes += 1;
    return false;
  }
}
