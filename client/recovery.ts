import type { CredentialInUse } from './credential-in-use.ts';
import type { Timing } from './options.ts';
import type { RepeatedCall } from './repeated-call.ts';
import { type FoundVersion, Round } from './round.ts';
import { timedOut, type VersionReader } from './version-reader.ts';
import { abortAt, waitFor } from './wait.ts';

/**
 * Milvus refuses a call before it executes the call. So if a probe has no answer after this time,
 * the other calls stop waiting for it and use its version.
 */
const PROBE_MS = 500;

/** The longest pause between two rounds, as a multiple of `minimumIntervalMs`. */
const MAX_PAUSE_FACTOR = 8;

/** At the end of a budget, the pauses are short for this time, because reads must end in time. */
const LAST_MS = 1000;

/**
 * Resolves to the version that the probing call has found, or to undefined after a round in vain.
 */
type Search = PromiseWithResolvers<FoundVersion | undefined>;

/**
 * Finds the version that the cluster accepts, once for all refused calls. One call probes: it is
 * repeated with each version of a round. The other calls wait for its result. After a round in
 * vain and a pause, the next call probes, because it may reach another proxy. The pauses increase,
 * and are short before the budget ends.
 */
export class Recovery {
  readonly #inUse: CredentialInUse;
  readonly #reader: VersionReader;
  readonly #timing: Timing;
  #search: Search | undefined;
  /** The last round in vain. */
  #lastRound: Round | undefined;
  /** A time of `performance.now()`. */
  #nextRoundAt = 0;

  constructor(inUse: CredentialInUse, reader: VersionReader, timing: Timing) {
    this.#inUse = inUse;
    this.#reader = reader;
    this.#timing = timing;
  }

  /**
   * Repeats a refused call until the cluster accepts a version, or until the budget ends.
   *
   * @param given Ends the wait earlier.
   * @returns whether the cluster has accepted a version.
   */
  async repeat(call: RepeatedCall, given: AbortSignal): Promise<boolean> {
    const budget = new AbortController();
    const ending = AbortSignal.any([given, budget.signal]);
    const clearTimer = abortAt(call.refusedAt + this.#timing.budgetMs, budget);
    try {
      let isAccepted = false;
      while (!isAccepted && !ending.aborted) {
        const { current } = this.#inUse;
        if (!call.refused.has(current.versionId)) {
          isAccepted = await call.send(current);
        } else if (this.#isOver(call)) {
          budget.abort();
        } else if (this.#search === undefined) {
          isAccepted = await this.#probe(call, ending);
        } else {
          const found = await waitFor(this.#search.promise, ending);
          isAccepted = found !== undefined && (await call.send(found.credential));
        }
      }
      return isAccepted || (!given.aborted && (await this.#tryLastRound(call, given)));
    } finally {
      clearTimer();
    }
  }

  /** All calls use this version from now on, also those that were refused with it. */
  adopt(found: FoundVersion, cause: 'refusal' | 'background'): void {
    this.#inUse.replace(found.credential, found.stage, cause);
    this.#end(this.#search, found);
  }

  /** Another call has read the last round, and may have reached another proxy. */
  async #tryLastRound(call: RepeatedCall, given: AbortSignal): Promise<boolean> {
    for (const found of this.#lastRound?.found ?? []) {
      if (
        !given.aborted &&
        !call.refused.has(found.credential.versionId) &&
        (await this.#try(call, found, this.#search))
      ) {
        return true;
      }
    }
    this.#inUse.budgetEnded(call.refusedAt);
    return false;
  }

  /** After a pause, repeats the call with each version of a round. */
  async #probe(call: RepeatedCall, ending: AbortSignal): Promise<boolean> {
    const search: Search = Promise.withResolvers();
    this.#search = search;
    const pauseEnd = this.#pauseEnd(call);
    if (pauseEnd > performance.now()) {
      const refreshed = await waitFor(search.promise, ending, pauseEnd);
      if (refreshed !== undefined) {
        return call.send(refreshed.credential);
      }
      if (ending.aborted) {
        // The next call goes on with this pause. Otherwise calls that end before a pause would
        // never read a version.
        this.#end(search, undefined, this.#nextRoundAt);
        return false;
      }
      // The cluster may now accept what it has refused before.
      call.refused.clear();
    }
    const round = new Round(this.#reader);
    while (!ending.aborted) {
      const reading = round.next(call.refused);
      const found = await waitFor(reading, ending);
      if (ending.aborted) {
        // The call could not wait for this read. The other calls use its result.
        this.#inUse.failure = timedOut();
        void reading.then((late) => this.#end(search, late));
        return false;
      }
      if (found === undefined) {
        this.#lastRound = round;
        this.#inUse.failure = round.failure;
        break;
      }
      if (await this.#try(call, found, search)) {
        return true;
      }
    }
    this.#end(search);
    // The waiting calls go first.
    await waitFor(search.promise, ending);
    return false;
  }

  /** Repeats the call with a version. If it is not refused soon, all calls use the version. */
  async #try(call: RepeatedCall, found: FoundVersion, search: Search | undefined): Promise<boolean> {
    const before = this.#inUse.current;
    let isRefused = false;
    const timer = setTimeout(() => this.#end(search, found), PROBE_MS).unref();
    try {
      isRefused = !(await call.send(found.credential));
      if (isRefused && found.stage === 'AWSPENDING') {
        this.#inUse.forgetRefusal(found.credential.versionId);
      }
      return !isRefused;
    } finally {
      clearTimeout(timer);
      // An error of another kind says nothing against the version. A version that came meanwhile
      // stays.
      if (!isRefused && this.#inUse.current === before) {
        this.adopt(found, 'refusal');
      }
    }
  }

  #end(search: Search | undefined, found?: FoundVersion, nextRoundAt = performance.now() + this.#pauseMs()): void {
    if (this.#search === search) {
      this.#search = undefined;
      this.#nextRoundAt = nextRoundAt;
      if (found !== undefined) {
        this.#inUse.replace(found.credential, found.stage, 'refusal');
      }
      search?.resolve(found);
    }
  }

  /** A pause is as long as the interruption before it, so the pauses double. */
  #pauseMs(): number {
    const { minimumIntervalMs } = this.#timing;
    const elapsedMs = performance.now() - (this.#inUse.interruptedAt ?? Number.POSITIVE_INFINITY);
    const pauseMs = Math.min(Math.max(elapsedMs, minimumIntervalMs), MAX_PAUSE_FACTOR * minimumIntervalMs);
    return pauseMs * (1 + Math.random() / 2);
  }

  #pauseEnd(call: RepeatedCall): number {
    const { minimumIntervalMs, budgetMs } = this.#timing;
    const budgetEnd = this.#budgetEnd(call);
    const isLast = (this.#lastRound?.beganAt ?? 0) >= budgetEnd;
    const lastAt = Math.max(budgetEnd - Math.min(LAST_MS, budgetMs / 2), performance.now() + minimumIntervalMs);
    return isLast ? this.#nextRoundAt : Math.min(this.#nextRoundAt, lastAt);
  }

  /** Whether a whole round has begun and failed since the refusal and since the budget ended. */
  #isOver(call: RepeatedCall): boolean {
    return (this.#lastRound?.beganAt ?? 0) >= Math.max(call.refusedAt, this.#budgetEnd(call));
  }

  /** A time of `performance.now()`. After a long interruption, it is in the past. */
  #budgetEnd({ refusedAt }: RepeatedCall): number {
    return Math.min(this.#inUse.interruptedAt ?? refusedAt, refusedAt) + this.#timing.budgetMs;
  }
}
