import { inspect } from 'node:util';
import type { Stage } from './credential-source.ts';

/** What happened to the credential. No event holds a user, a password or a token. */
export type CredentialEvent =
  /** The cluster refused the credential in use. Refused calls wait for a version. */
  | { readonly type: 'interrupted'; readonly versionId: string }
  /** Another version of the secret is in use. */
  | {
      readonly type: 'refreshed';
      readonly versionId: string;
      readonly stage: Stage;
      /** `refusal`: the cluster refused the version before. `background`: nothing was refused. */
      readonly cause: 'refusal' | 'background';
    }
  /** A version could not be read, or must not be used. The credential in memory stays in use. */
  | { readonly type: 'refresh-failed'; readonly stage: Stage; readonly error: Error }
  /** The cluster accepted no version within `budgetMs`. Refused calls fail. */
  | { readonly type: 'budget-ended'; readonly versionId: string; readonly durationMs: number }
  /** The cluster accepted a call that began after the last refusal. */
  | { readonly type: 'recovered'; readonly versionId: string; readonly durationMs: number };

/** Counters that start when the credentials are created. */
export interface CredentialCounters {
  /** How often another version of the secret came into use. */
  readonly refreshes: number;
  readonly failedRefreshes: number;
  /** Calls that the cluster refused, repeated calls included. */
  readonly refusedCalls: number;
  /** Interruptions, with one that has not ended. */
  readonly interruptions: number;
  readonly longestInterruptionMs: number;
  readonly totalInterruptionMs: number;
}

/** Counts the events and passes them to the listener of the application. */
export class Journal {
  readonly #listener: (event: CredentialEvent) => unknown;
  readonly #counts = { interrupted: 0, refreshed: 0, 'refresh-failed': 0, 'budget-ended': 0, recovered: 0 };
  #refusedCalls = 0;
  #longestMs = 0;
  #totalMs = 0;

  constructor(listener: (event: CredentialEvent) => unknown) {
    this.#listener = listener;
  }

  /** @param interruptedAt When the interruption that has not ended began, if there is one. */
  counters(interruptedAt: number | undefined): CredentialCounters {
    const runningMs = interruptedAt === undefined ? 0 : performance.now() - interruptedAt;
    return {
      refreshes: this.#counts.refreshed,
      failedRefreshes: this.#counts['refresh-failed'],
      refusedCalls: this.#refusedCalls,
      interruptions: this.#counts.interrupted,
      longestInterruptionMs: Math.max(this.#longestMs, runningMs),
      totalInterruptionMs: this.#totalMs + runningMs,
    };
  }

  countRefusal(): void {
    this.#refusedCalls += 1;
  }

  record(event: CredentialEvent): void {
    this.#counts[event.type] += 1;
    if (event.type === 'recovered') {
      this.#totalMs += event.durationMs;
      this.#longestMs = Math.max(this.#longestMs, event.durationMs);
    }
    callSafely(() => this.#listener(event));
  }
}

/**
 * Calls a function of the application, which may be async. Its failure becomes a warning, because
 * neither a call nor the process may fail with it.
 */
export function callSafely(callback: () => unknown): void {
  try {
    Promise.resolve(callback()).catch(warn);
  } catch (reason) {
    warn(reason);
  }
}

function warn(reason: unknown): void {
  const text = 'A callback of zilliz-secret-client failed with';
  process.emitWarning(
    reason instanceof Error ? reason : new Error(`${text} ${inspect(reason, { customInspect: false })}`),
  );
}
