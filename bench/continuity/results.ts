import type { StrategyName } from '../../protocol/secret/rotation-strategy.ts';
import { median } from '../performance/results.ts';
import type { Call, Load } from './application.ts';
import type { ApplicationRecord } from './application-thread.ts';
import type { ClientName } from './clients.ts';
import type { Audit } from './rows.ts';

export interface RunSettings extends Load {
  /** The rate of each application that is not the {@link SUBJECT} of the strategy. */
  readonly comparisonCallsPerSecond: number;
  readonly clients: readonly ClientName[];
  /** Rotations before the faults. */
  readonly rotations: number;
  readonly faults: readonly string[];
  /** The time between two reads of the client that reads the secret in intervals. */
  readonly intervalMs: number;
  /** The least time from the end of a rotation to the start of the next rotation. */
  readonly gapMs: number;
}

/** The client for which the strategy is made. Its application has the full load. */
export const SUBJECT: Readonly<Record<StrategyName, ClientName>> = {
  'single-user': 'rotating',
  'alternating-users': 'interval',
};

/** The content of bench/results/continuity.json. */
export interface ContinuityResults {
  /** `2026-11-25` */
  readonly date: string;
  readonly processors: number;
  readonly node: string;
  /** The runs name the clients and the faults. */
  readonly settings: Omit<RunSettings, 'clients' | 'faults'>;
  readonly runs: readonly StrategyRun[];
}

export interface StrategyRun {
  readonly strategy: StrategyName;
  readonly seconds: number;
  /** The events in their order. Times are milliseconds since the start of the run. */
  readonly events: ReadonlyArray<{ readonly name: string; readonly beganMs: number; readonly endedMs: number }>;
  readonly applications: readonly ApplicationResult[];
}

export interface ApplicationResult {
  readonly client: ClientName;
  readonly calls: number;
  readonly callsPerSecond: number;
  /** Failed calls by code. Code 16 is a refused credential. */
  readonly failures: Readonly<Record<string, number>>;
  readonly inserts: Audit;
  /** The median duration of an undisturbed call. */
  readonly medianMs: number;
  /** The calls around each event, by name of the event. */
  readonly around: Readonly<Record<string, AroundEvent>>;
  /** A number for each {@link BUCKET_MS} of the run, separated by spaces. */
  readonly timeline: { readonly failed: string; readonly longestMs: string };
}

/** Calls that ended after the start of an event and before the start of the next event. */
export interface AroundEvent {
  readonly failed: number;
  /**
   * Calls that Milvus refused and that the client repeated with another credential. How much
   * longer they took than the median of the undisturbed calls of their kind. Absent without such
   * calls.
   */
  readonly repeated?: {
    readonly calls: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly maxMs: number;
  };
}

export const BUCKET_MS = 500;

export function resultOf(
  client: ClientName,
  { calls, replacements }: Pick<ApplicationRecord, 'calls' | 'replacements'>,
  inserts: Audit,
  { events, startedAt, seconds }: { events: StrategyRun['events']; startedAt: number; seconds: number },
): ApplicationResult {
  const isRepeated = ({ began, ended, failure }: Call): boolean =>
    failure === undefined && replacements.some((at) => began < at && at < ended);
  const duration = ({ began, ended }: Call): number => ended - began;
  const undisturbed = calls.filter((call) => call.failure === undefined && !isRepeated(call));
  const medianOf = (kind: Call['kind']): number =>
    median(undisturbed.filter((call) => call.kind === kind).map(duration));
  const usual = { insert: medianOf('insert'), query: medianOf('query') };
  const eventOf = ({ ended }: Call): string | undefined =>
    events.findLast(({ beganMs }) => startedAt + beganMs <= ended)?.name;
  const byEvent = Map.groupBy(calls, eventOf);
  const around = (name: string): AroundEvent => {
    const own = byEvent.get(name) ?? [];
    const extra = own.filter(isRepeated).map((call) => duration(call) - usual[call.kind]);
    const failed = own.filter(({ failure }) => failure !== undefined).length;
    return extra.length === 0 ? { failed } : { failed, repeated: { calls: extra.length, ...percentilesOf(extra) } };
  };
  const failed = calls.flatMap(({ failure = [] }) => failure);
  return {
    client,
    calls: calls.length,
    callsPerSecond: tenths(calls.length / seconds),
    failures: Object.fromEntries([...Map.groupBy(failed, (code) => code)].map(([code, all]) => [code, all.length])),
    inserts,
    medianMs: tenths(median(undisturbed.map(duration))),
    around: Object.fromEntries([...new Set(events.map(({ name }) => name))].map((name) => [name, around(name)])),
    timeline: timelineOf(calls, startedAt, seconds),
  };
}

function timelineOf(calls: readonly Call[], startedAt: number, seconds: number): ApplicationResult['timeline'] {
  const buckets = Array.from({ length: Math.ceil((1000 * seconds) / BUCKET_MS) }, () => ({ failed: 0, longestMs: 0 }));
  for (const { began, ended, failure } of calls) {
    const bucket = buckets[Math.floor((began - startedAt) / BUCKET_MS)];
    if (bucket !== undefined) {
      bucket.failed += failure === undefined ? 0 : 1;
      bucket.longestMs = Math.max(bucket.longestMs, Math.round(ended - began));
    }
  }
  return {
    failed: buckets.map(({ failed }) => failed).join(' '),
    longestMs: buckets.map(({ longestMs }) => longestMs).join(' '),
  };
}

function percentilesOf(values: readonly number[]): { p50Ms: number; p99Ms: number; maxMs: number } {
  const sorted = values.toSorted((a, b) => a - b);
  /** The nearest rank. */
  const at = (share: number): number => tenths(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

const tenths = (value: number): number => Math.round(value * 10) / 10;
