import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretSource } from '../source/secret-source.ts';
import { secretsManagerSource } from '../source/secrets-manager-source.ts';
import type { StoredCredential } from '../source/stored-credential.ts';
import { Attempts } from './attempts.ts';
import { refreshInBackground } from './background-refresh.ts';
import type { CredentialCounters } from './credential-events.ts';
import { CredentialKeeper } from './credential-keeper.ts';
import { CredentialReader } from './credential-reader.ts';
import { Journal } from './journal.ts';
import { type RefreshOptions, settingsOf } from './settings.ts';
import { VersionSearch } from './version-search.ts';

export interface RotatingCredentialsOptions extends RefreshOptions {
  /** Name or ARN of the secret. */
  readonly secretId: string;
  /** @default a client with the region and the credentials of the environment */
  readonly secretsManager?: SecretsManagerClient;
  /** Ends the first read. Later, it closes the credentials. @default none */
  readonly signal?: AbortSignal;
}

/**
 * Reads a rotated secret and keeps its credential up to date, for callers of the REST API and for
 * other clients.
 *
 * @throws SecretStoreError if the secret cannot be read, DocumentError if it holds no credential,
 * the reason of the signal if the signal is aborted.
 * @example
 * await using credentials = await createRotatingCredentials({ secretId: 'milvus/orders' });
 * const answer = await credentials.use(
 *   async ({ endpoint, token }) => {
 *     const response = await fetch(`${endpoint}/v2/vectordb/collections/list`, {
 *       method: 'POST',
 *       headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
 *       body: '{}',
 *     });
 *     const body = (await response.json()) as { code: number };
 *     if (body.code !== 0) {
 *       throw new Error(`Milvus answered ${body.code}.`, { cause: body.code });
 *     }
 *     return body;
 *   },
 *   // Milvus's code for a refused credential. An HTTP 401 alone may come from a gateway.
 *   (error) => (error as Error).cause === 1800,
 * );
 */
export function createRotatingCredentials(options: RotatingCredentialsOptions): Promise<RotatingCredentials> {
  const { secretId, secretsManager, signal } = options;
  return RotatingCredentials.load(secretsManagerSource(secretId, secretsManager), options, signal);
}

/**
 * The credential of a rotated secret. Requests read it from memory. After a refusal, one search
 * for all requests finds the next version. A read in the background follows each rotation.
 */
export class RotatingCredentials implements AsyncDisposable {
  readonly #keeper: CredentialKeeper;
  readonly #journal: Journal;
  readonly #search: VersionSearch;
  readonly #close: () => void;

  private constructor(keeper: CredentialKeeper, journal: Journal, search: VersionSearch, close: () => void) {
    this.#keeper = keeper;
    this.#journal = journal;
    this.#search = search;
    this.#close = close;
  }

  /** Does the same as {@link createRotatingCredentials}, with the versions of another source. */
  static async load(source: SecretSource, options: RefreshOptions, signal?: AbortSignal): Promise<RotatingCredentials> {
    const { onEvent, budgetMs, minimumIntervalMs, backgroundIntervalMs } = settingsOf(options);
    const closing = new AbortController();
    const close = (): void => {
      if (!closing.signal.aborted) {
        closing.abort();
        source.close();
      }
    };
    try {
      signal?.throwIfAborted();
      signal?.addEventListener('abort', close, { once: true, signal: closing.signal });
      const journal = new Journal(onEvent);
      const reader = new CredentialReader(source, closing.signal, (event) => journal.record(event));
      const keeper = new CredentialKeeper(await reader.first(), budgetMs, journal);
      signal?.throwIfAborted();
      refreshInBackground(keeper, reader, backgroundIntervalMs, closing.signal);
      const search = new VersionSearch(keeper, reader, minimumIntervalMs, closing.signal);
      return new RotatingCredentials(keeper, journal, search, close);
    } catch (error) {
      close();
      signal?.throwIfAborted();
      throw error;
    }
  }

  /** The credential for the next request. Read it for each request. */
  get current(): StoredCredential {
    return this.#keeper.current;
  }

  get counters(): CredentialCounters {
    return this.#journal.counters;
  }

  /** One request, whose refusals and repetitions the caller reports. */
  attempts(): Attempts {
    return new Attempts(this.#keeper, this.#search);
  }

  /**
   * Sends a request. If the cluster refuses the credential, repeats the request with the next
   * credential of the secret.
   *
   * @param isRefusal Whether the cluster has refused the credential, and so has executed nothing.
   * @param signal Ends the wait for the next credential, not the request.
   * @throws every error of the request. A refusal is thrown if no credential is accepted in time.
   */
  async use<T>(
    request: (credential: StoredCredential) => Promise<T>,
    isRefusal: (error: unknown) => boolean | Promise<boolean>,
    signal?: AbortSignal,
  ): Promise<T> {
    const attempts = this.attempts();
    for (;;) {
      try {
        const answer = await request(attempts.credential);
        attempts.accepted();
        return answer;
      } catch (error) {
        if (!(await isRefusal(error)) || (await attempts.refused(signal)) === undefined) {
          throw error;
        }
      }
    }
  }

  /** Ends all reads and waits. The last credential can still be read. */
  close(): void {
    this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}
