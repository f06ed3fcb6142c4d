import type { VersionedCredential } from './credential.ts';
import type { CredentialInUse } from './credential-in-use.ts';
import type { Stage } from './credential-source.ts';
import type { Timing } from './options.ts';
import { type FoundVersion, Round, RoundSchedule } from './round.ts';
import type { VersionReader } from './version-reader.ts';
import { waitFor } from './wait.ts';

/**
 * Milvus refuses a call before it executes the call. So if a probe has no answer after this time,
 * the other calls stop waiting for it and use its version.
 */
const PROBE_MS = 500;

/** A call of the application, with its repetitions. */
export interface RepeatedCall {
  /** For the attempt that runs. */
  credential: VersionedCredential;
  /** The number of the attempt. */
  attempt: number;
  /** The versions that the cluster has refused since the last pause. */
  readonly refused: Set<string>;
  firstRefusal?: { readonly number: number; readonly at: number };
  lastRefusal: number;
  /** The round that the call reads. It goes on when the call probes again. */
  round?: Round | undefined;
  /** The attempt that runs is a probe: it tries the version with this label. */
  probe?: { readonly stage: Stage; readonly timer: NodeJS.Timeout | undefined } | undefined;
}

/**
 * Finds the version that the cluster accepts, once for all refused calls. One call probes: it is
 * repeated with each version of a round. The other calls wait for its result. After a round in
 * vain and a pause, the next call probes, because it may reach another proxy. The pauses increase
 * until the budget ends.
 */
export class Recovery {
  readonly #inUse: CredentialInUse;
  readonly #reader: VersionReader;
  readonly #budgetMs: number;
  readonly #schedule: RoundSchedule;
  readonly #closing: AbortSignal;
  /** The refused calls. The first one probes. */
  readonly #queue: RepeatedCall[] = [];
  #lastRound: Round | undefined;
  /** The number of the last probe that was not refused, or of the last refresh. */
  #lastChange = 0;
  /** Resolves when the calls that wait may go on. */
  #changed = Promise.withResolvers<void>();

  constructor(inUse: CredentialInUse, reader: VersionReader, timing: Timing, closing: AbortSignal) {
    this.#inUse = inUse;
    this.#reader = reader;
    this.#budgetMs = timing.budgetMs;
    this.#schedule = new RoundSchedule(timing.minimumIntervalMs);
    this.#closing = closing;
  }

  begin(): RepeatedCall {
    const { current } = this.#inUse;
    return { credential: current, attempt: this.#inUse.nextNumber(), refused: new Set(), lastRefusal: 0 };
  }

  /** The cluster has accepted the attempt. */
  accepted(call: RepeatedCall): void {
    this.end(call);
    this.#inUse.accepted(call.credential.versionId, call.attempt);
  }

  /**
   * The cluster has refused the attempt.
   *
   * @param signal Ends the wait.
   * @returns whether to repeat the call, with its new credential.
   */
  async refused(call: RepeatedCall, signal: AbortSignal): Promise<boolean> {
    clearTimeout(call.probe?.timer);
    call.probe = undefined;
    call.refused.add(call.credential.versionId);
    call.lastRefusal = this.#inUse.refused(call.credential.versionId);
    call.firstRefusal ??= { number: call.lastRefusal, at: performance.now() };
    const ending = AbortSignal.any([signal, this.#closing]);
    while (!ending.aborted) {
      if (this.#mayUseCurrent(call)) {
        this.end(call);
        this.#repeat(call, this.#inUse.current);
        return true;
      }
      if (this.#isOver(call)) {
        const untried = this.#lastRound?.found.find(({ credential }) => !call.refused.has(credential.versionId));
        if (untried !== undefined) {
          // Another call has read the last round, and may have reached another proxy.
          this.end(call);
          this.#try(call, untried);
          return true;
        }
        this.#inUse.budgetEnded(call.firstRefusal.at);
        break;
      }
      if (!this.#queue.includes(call)) {
        this.#queue.push(call);
      }
      if (this.#queue[0] !== call) {
        await waitFor(this.#changed.promise, ending);
      } else if ((await waitFor(this.#probe(call, ending), ending)) === true) {
        return true;
      }
    }
    this.end(call);
    return false;
  }

  /** The attempt was the last one, or the others need not wait for it any more. */
  end(call: RepeatedCall): void {
    if (call.probe !== undefined) {
      // The cluster has not refused the version. An error of another kind says nothing against it.
      clearTimeout(call.probe.timer);
      this.adopt(call.credential, call.probe.stage, 'refusal');
    }
    call.probe = undefined;
    const position = this.#queue.indexOf(call);
    if (position !== -1) {
      this.#queue.splice(position, 1);
      this.#notify();
    }
  }

  /** All calls use this version from now on, also those that were refused with it. */
  adopt(credential: VersionedCredential, stage: Stage, cause: 'refusal' | 'background'): void {
    this.#inUse.replace(credential, stage, cause);
    this.#lastChange = this.#inUse.nextNumber();
    this.#notify();
  }

  /** Why no version was found. */
  failureOf(call: RepeatedCall): Error | undefined {
    return (call.round ?? this.#lastRound)?.failure;
  }

  /** Makes the next attempt a probe. Returns false if the call must be checked again. */
  async #probe(call: RepeatedCall, ending: AbortSignal): Promise<boolean> {
    const round = call.round ?? (await this.#beginRound(call, ending));
    if (round === undefined) {
      return false;
    }
    call.round = round;
    const found = await round.next(call.refused, this.#budgetEnd(call));
    if (found === undefined) {
      call.round = undefined;
      this.#lastRound = round;
      this.#schedule.ended();
      if (this.#queue[0] === call) {
        this.#queue.push(...this.#queue.splice(0, 1));
      }
      this.#notify();
      return false;
    }
    if (ending.aborted) {
      // The call could not wait for this read. The next call uses its result.
      this.adopt(found.credential, found.stage, 'refusal');
      return false;
    }
    this.#try(call, found);
    return true;
  }

  #try(call: RepeatedCall, { credential, stage }: FoundVersion): void {
    this.#repeat(call, credential);
    // After the budget, a slow refusal must not keep the last round from its end.
    const isLate = performance.now() >= this.#budgetEnd(call);
    call.probe = { stage, timer: isLate ? undefined : setTimeout(() => this.end(call), PROBE_MS).unref() };
  }

  /** Waits for the time of the next round. Returns undefined if something happened before. */
  async #beginRound(call: RepeatedCall, ending: AbortSignal): Promise<Round | undefined> {
    const budgetEnd = this.#budgetEnd(call);
    const { nextAt } = this.#schedule;
    // The last round begins when the budget ends.
    const at = (this.#lastRound?.beganAt ?? 0) < budgetEnd ? Math.min(nextAt, budgetEnd) : nextAt;
    if (at > performance.now()) {
      await waitFor(this.#changed.promise, ending, at);
      if (ending.aborted || at > performance.now() || this.#mayUseCurrent(call)) {
        return undefined;
      }
      // After a pause, the cluster may accept what it has refused before.
      call.refused.clear();
    }
    this.#schedule.began(this.#inUse.interruption?.rounds ?? 0);
    if (this.#inUse.interruption !== undefined) {
      this.#inUse.interruption.rounds += 1;
    }
    return new Round(this.#reader, this.#inUse.nextNumber());
  }

  /** Whether another version is in use, or the version in use was accepted since the refusal. */
  #mayUseCurrent(call: RepeatedCall): boolean {
    const isOther = call !== this.#queue[0] && !call.refused.has(this.#inUse.current.versionId);
    return isOther || call.lastRefusal < this.#lastChange;
  }

  /** Whether a whole round has begun and failed since the refusal and since the budget ended. */
  #isOver(call: RepeatedCall): boolean {
    const { number, beganAt } = this.#lastRound ?? { number: 0, beganAt: 0 };
    return number > (call.firstRefusal?.number ?? 0) && beganAt >= this.#budgetEnd(call);
  }

  /** A time of `performance.now()`. After a long interruption, it is in the past. */
  #budgetEnd({ firstRefusal }: RepeatedCall): number {
    const startedAt = this.#inUse.interruption?.startedAt ?? Number.POSITIVE_INFINITY;
    return Math.min(startedAt, firstRefusal?.at ?? 0) + this.#budgetMs;
  }

  #repeat(call: RepeatedCall, credential: VersionedCredential): void {
    call.credential = credential;
    call.attempt = this.#inUse.nextNumber();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
