import { endpointUrl } from '../protocol/cluster/endpoint.ts';
import { SecretStoreError } from '../protocol/secret/secret-store.ts';
import { VersionedCredential } from './credential.ts';
import { callSafely, type Journal } from './credential-events.ts';
import type { CredentialSource, Stage } from './credential-source.ts';
import { waitFor } from './wait.ts';

/** How long one read may take. Otherwise a silent source would hold all calls. */
const READ_TIMEOUT_MS = 5000;

const SHORTEST_DELAY_MS = 60_000;

/** A version of the secret names another cluster than the first version with an endpoint. */
export class EndpointChangedError extends Error {
  override readonly name = 'EndpointChangedError' as const;
}

/** Reads the credentials of one cluster, until it is closed. */
export class VersionReader {
  readonly #source: CredentialSource;
  readonly #journal: Journal;
  readonly #comparesEndpoints: boolean;
  readonly #closing = new AbortController();
  #endpoint: string | undefined;

  constructor(source: CredentialSource, journal: Journal, comparesEndpoints: boolean) {
    this.#source = source;
    this.#journal = journal;
    this.#comparesEndpoints = comparesEndpoints;
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  close(): void {
    if (!this.closing.aborted) {
      this.#closing.abort();
      callSafely(() => this.#source.close?.());
    }
  }

  /** Does the same as `load`. An event reports a failure. */
  async read(stage: Stage): Promise<VersionedCredential | undefined> {
    try {
      return await this.load(stage);
    } catch (reason) {
      const error = reason instanceof Error ? reason : new TypeError('The source threw a value that is not an Error.');
      if (!this.closing.aborted) {
        this.#journal.record({ type: 'refresh-failed', stage, error });
      }
      throw error;
    }
  }

  /**
   * Reads the version with a label.
   *
   * @returns undefined if no version has the label.
   * @throws every error of the source, DocumentError, EndpointChangedError
   */
  async load(stage: Stage): Promise<VersionedCredential | undefined> {
    const answer = await this.#ask(async (signal) => ({ version: await this.#source.load(stage, signal) }));
    if (answer === undefined) {
      throw timedOut();
    }
    const credential = answer.version && new VersionedCredential(answer.version.versionId, answer.version.value);
    if (credential !== undefined && this.#comparesEndpoints && this.#isOther(credential.endpoint)) {
      // The connections lead to the other cluster, which must not see this password.
      throw new EndpointChangedError(
        `Version ${credential.versionId} names another endpoint than the first version with one. Create a new client for the other endpoint.`,
      );
    }
    this.#endpoint ??= credential?.endpoint;
    return credential;
  }

  /** When to read again in the background: half-way to the next rotation, or after `mostMs`. */
  async backgroundDelayMs(mostMs: number): Promise<number> {
    // Some objects are no numbers. Then Number throws.
    const ask = async (signal: AbortSignal): Promise<number> => Number(await this.#source.nextRotation?.(signal));
    const next = await this.#ask(ask).catch(() => undefined);
    const untilNext = Number(next) - Date.now();
    const delay = untilNext > 0 ? Math.min(mostMs, Math.max(untilNext / 2, SHORTEST_DELAY_MS)) : mostMs;
    return delay * (0.8 + 0.2 * Math.random());
  }

  /** Asks the source. Returns undefined if it gives no answer in time. */
  async #ask<T>(question: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const ending = new AbortController();
    const end = performance.now() + READ_TIMEOUT_MS;
    return await waitFor(question(ending.signal), this.closing, end).finally(() => ending.abort());
  }

  /** A trailing slash and the case of letters make no other endpoint. */
  #isOther(endpoint: string | undefined): boolean {
    const [next, first] = [endpoint, this.#endpoint].map((text) => text && (endpointUrl(text) ?? text));
    return next !== undefined && first !== undefined && next !== first;
  }
}

/** A read has had no answer for as long as it may take, or for as long as its call may wait. */
export function timedOut(): SecretStoreError {
  const explanation = 'the source gave no answer in time';
  return new SecretStoreError({ action: 'load', code: 'TimeoutError', kind: 'unavailable', explanation });
}
