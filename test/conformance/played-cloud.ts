import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { newDocument } from '../../protocol/secret/document.ts';
import { type RestAnswer, type RestCall, restServer } from '../adapters/support/rest-server.ts';
import type { AtEnd } from '../support/loopback.ts';
import type { Step, Version } from './case.ts';
import { PlayedCluster } from './played-cluster.ts';

export const SECRET_ID = 'milvus/orders';

/** Below the time that every client waits for an answer. */
const SLOW_MS = 1500;

/** Secrets Manager with one secret, and the clusters that its versions name. */
export class PlayedCloud {
  awsUrl = '';
  readonly cluster: PlayedCluster;
  readonly #otherCluster: PlayedCluster;
  #secret: Readonly<Record<string, Version>> = {};
  #behaviour: Step['secretsManager'] = 'answers';
  /** Where each token is valid. */
  readonly #endpoints = new Map<string, string>();
  /** The connections of the calls to Secrets Manager that get no answer. */
  readonly #silent = new Set<Socket>();

  private constructor(cluster: PlayedCluster, otherCluster: PlayedCluster) {
    this.cluster = cluster;
    this.#otherCluster = otherCluster;
  }

  /** @param transport The other cluster speaks it, too. */
  static async start(transport: 'grpc' | 'rest', atEnd: AtEnd): Promise<PlayedCloud> {
    const cloud = new PlayedCloud(
      await PlayedCluster.start(transport, atEnd),
      await PlayedCluster.start(transport, atEnd),
    );
    const server = await restServer((call) => cloud.#answer(call), undefined, atEnd);
    cloud.awsUrl = server.endpoint.url;
    return cloud;
  }

  /** Changes what the step names. */
  play({ secret, secretsManager, cluster, otherCluster }: Step): void {
    this.#secret = secret ?? this.#secret;
    this.#behaviour = secretsManager ?? this.#behaviour;
    if (cluster !== undefined) {
      this.cluster.change(cluster);
    }
    if (otherCluster !== undefined) {
      this.#otherCluster.change(otherCluster);
    }
  }

  /** The tokens that a client has sent to the cluster for which they are not. */
  get misdirected(): string[] {
    return [this.cluster, this.#otherCluster].flatMap(({ endpoint, received }) =>
      [...received].filter((token) => this.#endpoints.get(token) !== endpoint),
    );
  }

  /** The calls to Secrets Manager without an answer, for which the client still waits. */
  get waiting(): number {
    return [...this.#silent].filter(({ destroyed }) => !destroyed).length;
  }

  async #answer({ headers, body, socket }: RestCall): Promise<RestAnswer> {
    const { VersionStage = 'AWSCURRENT' } = JSON.parse(body) as { VersionStage?: string };
    const isRead = String(headers['x-amz-target']).endsWith('.GetSecretValue');
    if (this.#behaviour === 'silent') {
      this.#silent.add(socket);
      await sleep(600_000, undefined, { ref: false });
    } else if (this.#behaviour === 'slow') {
      await sleep(SLOW_MS);
    } else if (this.#behaviour === 'down') {
      return refusal('InternalServiceError', 500);
    } else if (this.#behaviour === 'throttles') {
      return refusal('ThrottlingException');
    }
    if (!isRead || (this.#behaviour === 'denies AWSPENDING' && VersionStage === 'AWSPENDING')) {
      return refusal('AccessDeniedException');
    }
    const version = this.#secret[VersionStage];
    return version === undefined
      ? refusal('ResourceNotFoundException')
      : answerOf({ Name: SECRET_ID, VersionId: idOf(version), SecretString: this.#valueOf(version) });
  }

  #valueOf(version: Version): string {
    if (typeof version === 'object' && 'text' in version) {
      return version.text;
    }
    const { endpoint } = typeof version === 'object' && 'at' in version ? this.#otherCluster : this.cluster;
    if (typeof version === 'object' && 'password' in version) {
      this.#endpoints.set(`orders:${version.password}`, endpoint);
      return JSON.stringify({ endpoint, username: 'orders', password: version.password });
    }
    const token = typeof version === 'string' ? version : version.token;
    this.#endpoints.set(token, endpoint);
    const [username = '', password] = token.split(':');
    return password === undefined
      ? newDocument({ endpoint, form: 'api-key', username: 'key-id', password: username })
      : newDocument({ endpoint, username, password });
  }
}

/** Equal versions have the same id. It shows no part of the password, because clients log it. */
function idOf(version: Version): string {
  return createHash('sha256').update(JSON.stringify(version)).digest('hex').slice(0, 32);
}

function refusal(type: string, status = 400): RestAnswer {
  return answerOf({ __type: type, message: `The played cloud answers ${type}.` }, status);
}

function answerOf(body: object, status = 200): RestAnswer {
  return { status, body, headers: { 'content-type': 'application/x-amz-json-1.1' } };
}
