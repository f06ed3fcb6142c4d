import { setTimeout } from 'node:timers/promises';
import { DocumentError } from '../protocol/secret/document.ts';
import type { VersionedCredential } from './credential.ts';
import { type CredentialCounters, Journal } from './credential-events.ts';
import { CredentialInUse } from './credential-in-use.ts';
import { type CredentialSource, secretsManagerSource } from './credential-source.ts';
import { type RotatingCredentialsOptions, type Timing, timingOf } from './options.ts';
import { Recovery } from './recovery.ts';
import { RepeatedCall } from './repeated-call.ts';
import { VersionReader } from './version-reader.ts';

/**
 * Reads a rotated secret and keeps its credential up to date, for callers of the REST API and for
 * other clients.
 *
 * @throws SecretStoreError if the secret cannot be read, DocumentError if it holds no credential.
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
  return RotatingCredentials.open(options, true);
}

const NEVER = new AbortController().signal;

/**
 * The credential of a rotated secret. Calls read it from memory. After a refusal, one call finds
 * the next version for all. A read in the background follows each rotation.
 */
export class RotatingCredentials implements AsyncDisposable {
  readonly #reader: VersionReader;
  readonly #journal: Journal;
  readonly #inUse: CredentialInUse;
  readonly #recovery: Recovery;

  private constructor(reader: VersionReader, journal: Journal, first: VersionedCredential, timing: Timing) {
    this.#reader = reader;
    this.#journal = journal;
    this.#inUse = new CredentialInUse(first, journal);
    this.#recovery = new Recovery(this.#inUse, reader, timing);
    this.#refreshInBackground(timing.backgroundIntervalMs).catch(() => undefined);
  }

  /**
   * @internal Use `createRotatingCredentials`.
   * @param comparesEndpoints Whether to refuse versions that name another endpoint than the first.
   */
  static async open(options: RotatingCredentialsOptions, comparesEndpoints: boolean): Promise<RotatingCredentials> {
    const { onEvent = () => undefined } = options;
    const timing = timingOf(options);
    const journal = new Journal(onEvent);
    const reader = new VersionReader(sourceOf(options), journal, comparesEndpoints);
    try {
      const first = await reader.load('AWSCURRENT');
      if (first === undefined) {
        throw new DocumentError('There is no version AWSCURRENT.');
      }
      return new RotatingCredentials(reader, journal, first, timing);
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  /** The credential for the next call. Read it for each call. */
  get current(): VersionedCredential {
    return this.#inUse.current;
  }

  get counters(): CredentialCounters {
    return this.#journal.counters(this.#inUse.interruptedAt);
  }

  /**
   * Sends a call. If the cluster refuses the credential, repeats the call with another version of
   * the secret, until the cluster accepts it or `budgetMs` is over.
   *
   * @param isRefusal Whether the cluster has refused the credential, and so has executed nothing.
   * @param signal Ends the wait for a version, not the call.
   * @throws every error of the call. A refusal is thrown if no credential is accepted in time. If a
   * version could not be read or used, that failure is its `cause`.
   */
  async use<T>(
    send: (credential: VersionedCredential) => Promise<T>,
    isRefusal: (error: unknown) => boolean | Promise<boolean>,
    signal: AbortSignal = NEVER,
  ): Promise<T> {
    const call = new RepeatedCall(this.#inUse, send, isRefusal);
    const isAccepted =
      (await call.send(this.#inUse.current)) ||
      (await this.#recovery.repeat(call, AbortSignal.any([signal, this.closing])));
    if (!isAccepted) {
      throw withCause(call.refusal, this.#inUse.failure);
    }
    call.accepted();
    return call.answer as T;
  }

  /**
   * Reads AWSCURRENT now, for an application that learns of a rotation. Takes the version into use
   * unless the cluster has refused it.
   *
   * @returns the credential in use.
   * @throws SecretStoreError, DocumentError or EndpointChangedError. The credential stays in use.
   */
  async refresh(): Promise<VersionedCredential> {
    const inUse = this.#inUse;
    const before = inUse.current;
    const credential = await this.#reader.read('AWSCURRENT');
    // A cancelled rotation leaves a refused version as AWSCURRENT.
    const isUsable = credential !== undefined && !inUse.hasRefused(credential.versionId);
    if (isUsable && credential.versionId !== before.versionId && inUse.current === before) {
      this.#recovery.adopt({ credential, stage: 'AWSCURRENT' }, 'background');
    }
    return inUse.current;
  }

  /** @internal Aborted when the credentials are closed. */
  get closing(): AbortSignal {
    return this.#reader.closing;
  }

  /** Ends all reads and waits. The last credential can still be read. */
  close(): void {
    this.#reader.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** Reads again and again, because the next rotation may end the password of an older version. */
  async #refreshInBackground(intervalMs: number): Promise<void> {
    while (!this.closing.aborted) {
      // The timer does not keep the process alive.
      await setTimeout(await this.#reader.backgroundDelayMs(intervalMs), undefined, {
        ref: false,
        signal: this.closing,
      });
      await this.refresh().catch(() => undefined);
    }
  }
}

function sourceOf({ source, secretId, secretsManager }: RotatingCredentialsOptions): CredentialSource {
  if ((source === undefined) === (secretId === undefined)) {
    throw new TypeError('Give one of the options secretId and source.');
  }
  if (secretsManager !== undefined && typeof secretsManager.send !== 'function') {
    throw new TypeError('The option secretsManager has no method send. Give a SecretsManagerClient.');
  }
  return source ?? secretsManagerSource(secretId ?? '', secretsManager);
}

function withCause(error: unknown, cause: Error | undefined): unknown {
  if (cause !== undefined && error instanceof Error && error.cause === undefined && Object.isExtensible(error)) {
    error.cause = cause;
  }
  return error;
}
