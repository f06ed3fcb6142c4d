import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { newDocument } from '../../protocol/secret/document.ts';
import { type RestAnswer, type RestCall, restServer } from '../adapters/support/rest-server.ts';
import type { AtEnd } from '../support/loopback.ts';
import type { Step, Version } from './case.ts';
import { PlayedCluster } from './played-cluster.ts';

/** Below the time that every client waits for an answer. */
const SLOW_MS = 1500;

/**
 * Starts Secrets Manager, whose secrets behave independently of each other.
 *
 * @returns its address.
 */
export async function playSecretsManager(
  secretOf: (secretId: string) => PlayedSecret | undefined,
  atEnd: AtEnd,
): Promise<string> {
  const answer = async (call: RestCall): Promise<RestAnswer> => {
    const { SecretId, VersionStage } = JSON.parse(call.body) as { SecretId: string; VersionStage?: string };
    return (await secretOf(SecretId)?.answer(call, VersionStage)) ?? refusal('ResourceNotFoundException');
  };
  return (await restServer(answer, undefined, atEnd)).endpoint.url;
}

/** A secret in Secrets Manager, and the clusters that its versions name. */
export class PlayedSecret {
  readonly cluster: PlayedCluster;
  readonly #otherCluster: PlayedCluster;
  #versions: Readonly<Record<string, Version>> = {};
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
  static async start(transport: 'grpc' | 'rest', atEnd: AtEnd): Promise<PlayedSecret> {
    return new PlayedSecret(await PlayedCluster.start(transport, atEnd), await PlayedCluster.start(transport, atEnd));
  }

  /** Changes what the step names. */
  play({ secret, secretsManager, cluster, otherCluster }: Step): void {
    this.#versions = secret ?? this.#versions;
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

  async answer({ headers, socket }: RestCall, stage = 'AWSCURRENT'): Promise<RestAnswer> {
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
    if (!isRead || (this.#behaviour === 'denies AWSPENDING' && stage === 'AWSPENDING')) {
      return refusal('AccessDeniedException');
    }
    const version = this.#versions[stage];
    return version === undefined
      ? refusal('ResourceNotFoundException')
      : answerOf({ VersionId: idOf(version), SecretString: this.#valueOf(version) });
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
