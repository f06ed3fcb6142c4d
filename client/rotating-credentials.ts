import { setTimeout } from 'node:timers/promises';
import type { VersionedCredential } from './credential.ts';
import { type CredentialCounters, callSafely, Journal } from './credential-events.ts';
import { CredentialInUse } from './credential-in-use.ts';
import { type CredentialSource, secretsManagerSource } from './credential-source.ts';
import { type RotatingCredentialsOptions, timingOf } from './options.ts';
import { Recovery } from './recovery.ts';
import { RepeatedCall } from './repeated-call.ts';
import { VersionReader } from './version-reader.ts';

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
  return RotatingCredentials.open(options, true);
}

interface Parts {
  readonly inUse: CredentialInUse;
  readonly reader: VersionReader;
  readonly journal: Journal;
  readonly recovery: Recovery;
  readonly closing: AbortSignal;
  readonly close: () => void;
}

const NEVER = new AbortController().signal;

/**
 * The credential of a rotated secret. Calls read it from memory. After a refusal, one call finds
 * the next version for all. A read in the background follows each rotation.
 */
export class RotatingCredentials implements AsyncDisposable {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * @internal Use `createRotatingCredentials`.
   * @param comparesEndpoints Whether to refuse versions that name another endpoint than the first.
   */
  static async open(options: RotatingCredentialsOptions, comparesEndpoints: boolean): Promise<RotatingCredentials> {
    const { signal, onEvent = () => undefined } = options;
    const timing = timingOf(options);
    signal?.throwIfAborted();
    const source = sourceOf(options);
    const closing = new AbortController();
    const close = (): void => {
      if (!closing.signal.aborted) {
        closing.abort();
        callSafely(() => source.close?.());
      }
    };
    try {
      signal?.addEventListener('abort', close, { once: true, signal: closing.signal });
      const journal = new Journal(onEvent);
      const reader = new VersionReader(source, journal, comparesEndpoints, closing.signal);
      const inUse = new CredentialInUse(await reader.first(), journal);
      signal?.throwIfAborted();
      const recovery = new Recovery(inUse, reader, timing);
      const credentials = new RotatingCredentials({ inUse, reader, journal, recovery, closing: closing.signal, close });
      credentials.#refreshInBackground(timing.backgroundIntervalMs).catch(() => undefined);
      return credentials;
    } catch (error) {
      close();
      signal?.throwIfAborted();
      throw error;
    }
  }

  /** The credential for the next call. Read it for each call. */
  get current(): VersionedCredential {
    return this.#parts.inUse.current;
  }

  get counters(): CredentialCounters {
    return this.#parts.journal.counters;
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
    const { inUse, recovery, closing } = this.#parts;
    const call = new RepeatedCall(inUse, send, isRefusal);
    const isAccepted =
      (await call.send(inUse.current)) || (await recovery.repeat(call, AbortSignal.any([signal, closing])));
    if (!isAccepted) {
      throw withCause(call.refusal, recovery.failure);
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
    const { inUse, reader, recovery } = this.#parts;
    const before = inUse.current;
    const credential = await reader.read('AWSCURRENT');
    // A cancelled rotation leaves a refused version as AWSCURRENT.
    const isUsable = credential !== undefined && !inUse.hasRefused(credential.versionId);
    if (isUsable && credential.versionId !== before.versionId && inUse.current === before) {
      recovery.adopt({ credential, stage: 'AWSCURRENT' }, 'background');
    }
    return inUse.current;
  }

  /** Ends all reads and waits. The last credential can still be read. */
  close(): void {
    this.#parts.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** Reads again and again, because the next rotation may end the password of an older version. */
  async #refreshInBackground(intervalMs: number): Promise<void> {
    const { inUse, reader, closing } = this.#parts;
    while (!closing.aborted) {
      // The timer does not keep the process alive.
      await setTimeout(await reader.backgroundDelayMs(intervalMs), undefined, { ref: false, signal: closing });
      // During an interruption, the refused calls read the secret.
      if (inUse.interruption === undefined) {
        await this.refresh().catch(() => undefined);
      }
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
