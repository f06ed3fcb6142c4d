import { endpointUrl } from '../protocol/cluster/endpoint.ts';
import { DocumentError } from '../protocol/secret/document.ts';
import { SecretStoreError } from '../protocol/secret/secret-store.ts';
import { VersionedCredential } from './credential.ts';
import type { Journal } from './credential-events.ts';
import type { CredentialSource, Stage } from './credential-source.ts';
import { waitFor } from './wait.ts';

/** How long one read may take. Otherwise a silent source would hold all calls. */
const READ_TIMEOUT_MS = 5000;

const SHORTEST_DELAY_MS = 60_000;

/** A version of the secret names another cluster than the first version with an endpoint. */
export class EndpointChangedError extends Error {
  override readonly name = 'EndpointChangedError' as const;
}

/** Reads the credentials of one cluster. */
export class VersionReader {
  readonly #source: CredentialSource;
  readonly #journal: Journal;
  readonly #comparesEndpoints: boolean;
  readonly #closing: AbortSignal;
  #endpoint: string | undefined;

  constructor(source: CredentialSource, journal: Journal, comparesEndpoints: boolean, closing: AbortSignal) {
    this.#source = source;
    this.#journal = journal;
    this.#comparesEndpoints = comparesEndpoints;
    this.#closing = closing;
  }

  async first(): Promise<VersionedCredential> {
    const credential = await this.#load('AWSCURRENT', performance.now() + READ_TIMEOUT_MS);
    if (credential === undefined) {
      throw new DocumentError('There is no version AWSCURRENT.');
    }
    this.#endpoint = credential.endpoint;
    return credential;
  }

  /**
   * Reads the version with a label. An event reports a failure.
   *
   * @param until Ends the read, as a time of `performance.now()`.
   * @returns undefined if there is none.
   * @throws every error of the source, DocumentError, EndpointChangedError
   */
  async read(stage: Stage, until: number = Number.POSITIVE_INFINITY): Promise<VersionedCredential | undefined> {
    try {
      const credential = await this.#load(stage, Math.min(until, performance.now() + READ_TIMEOUT_MS));
      if (credential !== undefined && this.#comparesEndpoints && this.#isOther(credential.endpoint)) {
        // The connections lead to the other cluster, which must not see this password.
        throw new EndpointChangedError(
          `Version ${credential.versionId} names another endpoint than the first version with one. Create a new client for the other endpoint.`,
        );
      }
      this.#endpoint ??= credential?.endpoint;
      return credential;
    } catch (reason) {
      const error = reason instanceof Error ? reason : new TypeError('The source threw a value that is not an Error.');
      if (!this.#closing.aborted) {
        this.#journal.record({ type: 'refresh-failed', stage, error });
      }
      throw error;
    }
  }

  /** When to read again in the background: half-way to the next rotation, or after `mostMs`. */
  async backgroundDelayMs(mostMs: number): Promise<number> {
    const ending = new AbortController();
    const asked = async (): Promise<Date | undefined> => this.#source.nextRotation?.(ending.signal);
    const answered = asked().catch(() => undefined);
    const next = await waitFor(answered, this.#closing, performance.now() + READ_TIMEOUT_MS);
    ending.abort();
    const untilNext = Number(next) - Date.now();
    const delay = untilNext > 0 ? Math.min(mostMs, Math.max(untilNext / 2, SHORTEST_DELAY_MS)) : mostMs;
    return delay * (0.8 + 0.2 * Math.random());
  }

  async #load(stage: Stage, until: number): Promise<VersionedCredential | undefined> {
    const ending = new AbortController();
    const loaded = Promise.resolve(this.#source.load(stage, ending.signal)).then((version) => ({ version }));
    const answer = await waitFor(loaded, this.#closing, until);
    ending.abort();
    if (answer === undefined) {
      const explanation = 'the source gave no answer in time';
      throw new SecretStoreError({ action: 'load', code: 'TimeoutError', kind: 'unavailable', explanation });
    }
    return answer.version && new VersionedCredential(answer.version.versionId, answer.version.value);
  }

  /** A trailing slash and the case of letters make no other endpoint. */
  #isOther(endpoint: string | undefined): boolean {
    const [next, first] = [endpoint, this.#endpoint].map((text) => text && (endpointUrl(text) ?? text));
    return next !== undefined && first !== undefined && next !== first;
  }
}
