import { AWSCURRENT, holderOf, unfinishedVersion } from '../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine, RotatingSecret } from '../aws/aws.ts';
import type { WatchEvent } from './watch-event.ts';

/** How long the log may lag behind the labels before the labels alone count. */
const LOG_LAG_MS = 15_000;

interface VersionState {
  startedAt: number | undefined;
  /** A step failed, and no step has started since. */
  waits: boolean;
  succeeded: boolean;
}

/** What one interval of `watch` read about a secret. */
export interface Look {
  readonly secret: RotatingSecret;
  /** New lines of the function about the secret, oldest first. */
  readonly lines: readonly FunctionLogLine[];
  readonly now: number;
  readonly logIsReadable: boolean;
}

/** Turns what is read about one secret into events, each once. */
export class SecretWatch {
  readonly #states = new Map<string, VersionState>();
  #before: { pending: string | undefined; current: string | undefined } | undefined;
  /** Events that the labels show and that the log does not show yet. */
  #awaited: { event: 'started' | 'succeeded' | 'changed'; versionId: string; since: number }[] = [];
  #runs = false;

  /** Whether no rotation runs and no event is awaited. */
  get isIdle(): boolean {
    return !this.#runs && this.#awaited.length === 0;
  }

  /** Whether a rotation failed and did not succeed later. */
  get hasFailed(): boolean {
    return [...this.#states.values()].some(({ waits, succeeded }) => waits && !succeeded);
  }

  /** Takes over what the log tells about a rotation that started before the first look. */
  takeOver(versionId: string, lines: readonly FunctionLogLine[]): void {
    const state = this.#stateOf(versionId);
    state.startedAt = lines[0]?.at;
    // Without a line in the longest window of a schedule, no attempt runs.
    state.waits = lines.at(-1)?.event === STEP_EVENT.failed || lines.length === 0;
  }

  look({ secret, lines, now, logIsReadable }: Look): readonly WatchEvent[] {
    const about = { secret: secret.name, arn: secret.arn };
    const logged = lines.flatMap((line) => this.#takeLine(line)).map((event) => ({ ...about, ...event }));
    const stopped = this.#compareLabels(secret, now).map((event) => ({ ...about, ...event }));
    return [...logged, ...stopped, ...this.#overdue(now, logIsReadable).map((event) => ({ ...about, ...event }))];
  }

  #stateOf(versionId: string): VersionState {
    const state = this.#states.get(versionId) ?? { startedAt: undefined, waits: false, succeeded: false };
    this.#states.set(versionId, state);
    return state;
  }

  /** Updates the state of the version. @returns what the line shows */
  #takeLine({ event, step, versionId, at, durationMs, failure }: FunctionLogLine): readonly OfSecret[] {
    const state = this.#stateOf(versionId);
    const common = { at, versionId, step, durationMs, source: 'log' } as const;
    if (event === STEP_EVENT.failed) {
      state.waits = true;
      return [{ ...common, event: 'failed', code: failure?.code ?? '', message: failure?.message ?? '' }];
    }
    if (event === STEP_EVENT.started) {
      const begins = step === 'createSecret' && (state.startedAt === undefined || state.waits);
      state.waits = false;
      state.startedAt ??= at;
      return begins ? [{ at, versionId, source: 'log', event: 'started' }] : [];
    }
    const finished: OfSecret = { ...common, event: 'step-finished' };
    if (step !== 'finishSecret' || state.succeeded) {
      return [finished];
    }
    state.succeeded = true;
    const duration = state.startedAt === undefined ? undefined : at - state.startedAt;
    return [finished, { at, versionId, source: 'log', event: 'succeeded', durationMs: duration }];
  }

  /**
   * Compares the labels with those of the previous read. If a rotation started or AWSCURRENT
   * moved, the event waits for the log, because the log knows the exact time.
   */
  #compareLabels(secret: RotatingSecret, now: number): readonly OfSecret[] {
    const current = holderOf(secret, AWSCURRENT);
    const pending = secret.rotationEnabled ? unfinishedVersion(secret) : undefined;
    const before = this.#before;
    this.#before = { pending, current };
    this.#runs = pending !== undefined && !this.#stateOf(pending).waits;
    if (before === undefined) {
      if (pending === undefined) {
        return [];
      }
      this.#stateOf(pending).startedAt ??= now;
      const event = this.#runs ? 'running' : 'waiting';
      return [{ at: now, versionId: pending, source: 'labels', event }];
    }
    if (pending !== undefined && pending !== before.pending) {
      this.#awaited.push({ event: 'started', versionId: pending, since: now });
    }
    if (current !== undefined && current !== before.current) {
      const event = current === before.pending || this.#states.has(current) ? 'succeeded' : 'changed';
      this.#awaited.push({ event, versionId: current, since: now });
    }
    return before.pending === undefined || before.pending === pending || before.pending === current
      ? []
      : [{ at: now, versionId: before.pending, source: 'labels', event: 'stopped' }];
  }

  /** What the log did not tell in time. */
  #overdue(now: number, logIsReadable: boolean): readonly OfSecret[] {
    const open = this.#awaited.filter(({ event, versionId }) => {
      const { startedAt, succeeded } = this.#stateOf(versionId);
      return event === 'started' ? startedAt === undefined : !succeeded;
    });
    const isLate = ({ since }: { since: number }): boolean => !logIsReadable || now - since >= LOG_LAG_MS;
    this.#awaited = open.filter((each) => !isLate(each));
    return open.filter(isLate).map(({ event, versionId }) => {
      const state = this.#stateOf(versionId);
      state.startedAt ??= now;
      state.succeeded ||= event !== 'started';
      return { at: now, versionId, source: 'labels', event };
    });
  }
}

type OfSecret = Omit<WatchEvent, 'secret' | 'arn'>;
