import type { Endpoint, Transport } from '../../../protocol/cluster/endpoint.ts';
import {
  type GrpcAnswer,
  type GrpcCall,
  grpcServer,
  type MilvusStatus,
  statusMessage,
  userMessage,
} from './grpc-server.ts';
import { type RestAnswer, type RestCall, restServer, UNAUTHENTICATED } from './rest-server.ts';

/** What differs between versions of Milvus, as docs/assumptions.md says. */
export interface MilvusTraits {
  /** The answer to a change that happens. @default success */
  readonly changeAnswer?: Required<MilvusStatus>;
  /** The body of HTTP 408, if REST answers a change with a timeout. */
  readonly restTimeout?: string | object;
  /** How many logins after a change still see the password before it. @default 0 */
  readonly lateLogins?: number;
  /** The description of the user, which versions before 2.6.19 do not have. */
  readonly description?: string;
}

const REFUSED: GrpcAnswer = { grpc: 16, details: 'auth check failure, please check username and password are correct' };
const SUCCESS: Required<MilvusStatus> = { errorCode: 0, code: 0, reason: '' };

/** A cluster with one user, which answers over gRPC and REST as a version of Milvus does. */
export class ImitatedMilvus {
  readonly username: string;
  password: string;
  /** Whether the proxy cannot get a credential from its root coordinator. */
  coordinatorIsAway = false;
  /** Whether the proxy loses its root coordinator before it checks the old password of a change. */
  losesCoordinator = false;
  changes = 0;
  refusals = 0;
  readonly #traits: MilvusTraits;
  #before = '';
  #lateLogins = 0;

  constructor(username: string, password: string, traits: MilvusTraits = {}) {
    this.username = username;
    this.password = password;
    this.#traits = traits;
  }

  async serve(transport: Transport): Promise<Endpoint> {
    const server =
      transport === 'grpc'
        ? await grpcServer((call) => this.#overGrpc(call))
        : await restServer((call) => this.#overRest(call));
    return server.endpoint;
  }

  #accepts(token: string): boolean {
    const isLate = this.#lateLogins > 0;
    this.#lateLogins -= isLate ? 1 : 0;
    const accepted = !this.coordinatorIsAway && token === `${this.username}:${isLate ? this.#before : this.password}`;
    this.refusals += accepted ? 0 : 1;
    return accepted;
  }

  #change(oldPassword: string, newPassword: string): Required<MilvusStatus> {
    this.coordinatorIsAway = this.losesCoordinator;
    if (this.coordinatorIsAway || oldPassword !== this.password) {
      return { errorCode: 1, code: 1400, reason: `old password not correct for ${this.username}: not authenticated` };
    }
    this.changes += 1;
    this.#before = this.password;
    this.password = newPassword;
    this.#lateLogins = this.#traits.lateLogins ?? 0;
    return this.#traits.changeAnswer ?? SUCCESS;
  }

  #overGrpc({ method, authorization, message }: GrpcCall): GrpcAnswer {
    if (!this.#accepts(authorization)) {
      return REFUSED;
    }
    switch (method) {
      case 'SelectUser':
        return { message: userMessage(this.username, ['reader'], {}, this.#traits.description) };
      case 'UpdateCredential': {
        // The serialized fields 3 and 4, in base64. `"` is the tag of field 4. The byte before each
        // text is its length, which is no character of base64 as long as it is below 43.
        const [, oldPassword = '', newPassword = ''] = /([\w+/=]+)".([\w+/=]+)/s.exec(message) ?? [];
        return { message: statusMessage(this.#change(decoded(oldPassword), decoded(newPassword))) };
      }
      default:
        return { message: new Uint8Array() };
    }
  }

  #overRest({ path = '', headers, body }: RestCall): RestAnswer {
    if (!this.#accepts(String(headers.authorization).replace('Bearer ', ''))) {
      return UNAUTHENTICATED;
    }
    if (path.endsWith('/users/describe')) {
      const { description } = this.#traits;
      return { status: 200, body: { code: 0, data: ['reader'], ...(description !== undefined && { description }) } };
    }
    const { password, newPassword } = JSON.parse(body) as { password: string; newPassword: string };
    const { code, reason } = this.#change(password, newPassword);
    const { restTimeout } = this.#traits;
    return code === 0
      ? { status: 200, body: { code: 0, data: {} } }
      : restTimeout === undefined
        ? { status: 200, body: { code, message: reason } }
        : { status: 408, body: restTimeout };
  }
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
