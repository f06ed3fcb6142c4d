import { storeError } from '../../adapters/secrets-manager/aws-errors.ts';
import type { SecretSource, SecretVersion, Stage } from '../source/secret-source.ts';
import { StoredCredential } from '../source/stored-credential.ts';
import type { CredentialEvent } from './credential-events.ts';
import { waitUntil } from './wait.ts';

/** How long one read may take. Otherwise a silent Secrets Manager would hold all requests. */
export const READ_TIMEOUT_MS = 5000;

/** A version of the secret names another cluster than the version before. */
export class EndpointChangedError extends Error {
  override readonly name = 'EndpointChangedError' as const;
}

/** Reads credentials of one cluster. */
export class CredentialReader {
  readonly #source: SecretSource;
  readonly #signal: AbortSignal;
  readonly #emit: (event: CredentialEvent) => void;

  constructor(source: SecretSource, signal: AbortSignal, emit: (event: CredentialEvent) => void) {
    this.#source = source;
    this.#signal = signal;
    this.#emit = emit;
  }

  /** @throws SecretStoreError or DocumentError */
  async first(): Promise<StoredCredential> {
    const version = await this.#version('AWSCURRENT');
    // An empty value is no credential, so the constructor refuses it.
    return new StoredCredential(version?.versionId ?? '', version?.value ?? '');
  }

  /**
   * Reads the version with a label.
   *
   * @param limit Ends the read.
   * @returns undefined if there is none, or if it cannot be used. An event says why.
   */
  async read(
    stage: Stage,
    inUse: StoredCredential,
    limit: AbortSignal = this.#signal,
  ): Promise<StoredCredential | undefined> {
    try {
      const version = await this.#version(stage, limit);
      if (version === undefined) {
        return undefined;
      }
      const credential = new StoredCredential(version.versionId, version.value);
      if (credential.endpoint !== inUse.endpoint) {
        // The connections lead to the other cluster, which must not see this password.
        throw new EndpointChangedError(
          `Version ${version.versionId} names another endpoint than version ${inUse.versionId}. Create a new client for the other endpoint.`,
        );
      }
      return credential;
    } catch (error) {
      if (!this.#signal.aborted) {
        this.#emit({ type: 'refresh-failed', stage, error: error as Error });
      }
      return undefined;
    }
  }

  /** When to read again in the background: half-way to the next rotation, or after `mostMs`. */
  async backgroundDelayMs(mostMs: number): Promise<number> {
    const limit = withTimeout(this.#signal);
    const next = await waitUntil(this.#source.nextRotation(limit), limit);
    const untilNext = next === undefined ? Number.POSITIVE_INFINITY : next.getTime() - Date.now();
    const delay = untilNext > 0 ? Math.min(mostMs, Math.max(untilNext / 2, SHORTEST_DELAY_MS)) : mostMs;
    return delay * (0.8 + 0.2 * Math.random());
  }

  async #version(stage: Stage, signal: AbortSignal = this.#signal): Promise<SecretVersion | undefined> {
    const limit = withTimeout(signal);
    const version = await waitUntil(this.#source.read(stage, limit), limit);
    if (limit.aborted) {
      throw storeError('GetSecretValue', limit.reason);
    }
    return version;
  }
}

function withTimeout(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(READ_TIMEOUT_MS)]);
}

const SHORTEST_DELAY_MS = 60_000;
