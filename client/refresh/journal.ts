import type { CredentialCounters, CredentialEvent } from './credential-events.ts';

/** Counts the events and passes them to the listener of the application. */
export class Journal {
  readonly #listener: (event: CredentialEvent) => void;
  readonly #counters = {
    refreshes: 0,
    failedRefreshes: 0,
    refusedCalls: 0,
    interruptions: 0,
    longestInterruptionMs: 0,
    totalInterruptionMs: 0,
  };

  constructor(listener: (event: CredentialEvent) => void) {
    this.#listener = listener;
  }

  get counters(): CredentialCounters {
    return { ...this.#counters };
  }

  countRefusal(): void {
    this.#counters.refusedCalls += 1;
  }

  record(event: CredentialEvent): void {
    this.#count(event);
    try {
      this.#listener(event);
    } catch (error) {
      // A request must not fail because the listener failed.
      process.emitWarning(error as Error);
    }
  }

  #count(event: CredentialEvent): void {
    const counters = this.#counters;
    if (event.type === 'refreshed') {
      counters.refreshes += 1;
    } else if (event.type === 'refresh-failed') {
      counters.failedRefreshes += 1;
    } else if (event.type === 'recovered') {
      counters.interruptions += 1;
      counters.totalInterruptionMs += event.durationMs;
      counters.longestInterruptionMs = Math.max(counters.longestInterruptionMs, event.durationMs);
    }
  }
}
