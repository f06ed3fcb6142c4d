import { takesTurns } from '../../local/cloud/takes-turns.ts';
import { STRATEGIES } from '../../protocol/rotation/strategies/strategies.ts';
import type { StrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { median } from '../numbers.ts';
import type { Call, Load } from './application.ts';
import type { ClientName } from './clients.ts';
import { IN_USE_CHANGED, LEAKED } from './events.ts';
import type { Audit } from './rows.ts';

export interface RunSettings extends Load {
  /** The rate of each application that is not the {@link subjectOf} the strategy. */
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
export function subjectOf(strategy: StrategyName): ClientName {
  return STRATEGIES[strategy].keepsReplaced ? 'interval' : 'rotating';
}

export interface StrategyRun {
  readonly strategy: StrategyName;
  readonly seconds: number;
  /** The events in their order. Times are those of `performance.now()`. */
  readonly events: ReadonlyArray<{ readonly name: string; readonly beganAt: number }>;
  readonly applications: readonly ApplicationResult[];
}

export interface ApplicationResult {
  readonly client: ClientName;
  readonly calls: number;
  readonly callsPerSecond: number;
  /** Failed calls by code. Code 16 is a refused credential. */
  readonly failures: Readonly<Record<string, number>>;
  /** Failed calls until the first API key was deleted. Absent without a deleted key. */
  readonly failedBeforeDeletion?: number;
  readonly inserts: Audit;
  /** The calls around each event, by name of the event. */
  readonly around: Readonly<Record<string, AroundEvent>>;
}

/** Calls that ended after the start of an event and before the start of the next event. */
export interface AroundEvent {
  readonly failed: number;
  /**
   * Calls that Milvus refused and that the client repeated with another credential. How much
   * longer they took than the median of all calls of their kind that succeeded. Absent without
   * such calls.
   */
  readonly repeated?: { readonly calls: number; readonly medianMs: number; readonly maxMs: number };
}

export function resultOf(
  client: ClientName,
  { calls, replacements }: { calls: readonly Call[]; replacements: readonly number[] },
  inserts: Audit,
  { events, seconds, keyDeletedAt }: Pick<StrategyRun, 'events' | 'seconds'> & { keyDeletedAt?: number | undefined },
): ApplicationResult {
  const isRepeated = ({ began, ended, failure }: Call): boolean =>
    failure === undefined && replacements.some((at) => began < at && at < ended);
  const duration = ({ began, ended }: Call): number => ended - began;
  const usualOf = (kind: Call['kind']): number =>
    median(calls.filter((call) => call.failure === undefined && call.kind === kind).map(duration));
  const byEvent = Map.groupBy(calls, ({ ended }) => events.findLast(({ beganAt }) => beganAt <= ended)?.name);
  const around = (name: string): AroundEvent => {
    const own = byEvent.get(name) ?? [];
    const failed = own.filter(({ failure }) => failure !== undefined).length;
    const extra = own.filter(isRepeated).map((call) => duration(call) - usualOf(call.kind));
    return extra.length === 0
      ? { failed }
      : { failed, repeated: { calls: extra.length, medianMs: median(extra), maxMs: Math.max(...extra) } };
  };
  const failed = calls.flatMap(({ failure = [] }) => failure);
  return {
    client,
    calls: calls.length,
    callsPerSecond: calls.length / seconds,
    failures: Object.fromEntries([...Map.groupBy(failed, (code) => code)].map(([code, all]) => [code, all.length])),
    ...(keyDeletedAt !== undefined && {
      failedBeforeDeletion: calls.filter(({ ended, failure }) => failure !== undefined && ended < keyDeletedAt).length,
    }),
    inserts,
    around: Object.fromEntries([...new Set(events.map(({ name }) => name))].map((name) => [name, around(name)])),
  };
}

/**
 * With two users, too, these events end a token before a client that reads in intervals has read
 * the next one.
 */
const NOT_COVERED = [IN_USE_CHANGED, LEAKED];

/**
 * The clients that must fail with a single user and with a key. Otherwise the run proves nothing.
 */
const MUST_FAIL: readonly ClientName[] = ['failure', 'never'];

/** The promises of docs/continuity.md that the run broke, as text. */
export function brokenPromises({ strategy, applications }: StrategyRun): string[] {
  return applications.flatMap((application) => {
    const { client, inserts, failedBeforeDeletion = 0 } = application;
    const counts: Record<string, number> = { 'lost inserts': inserts.lost, 'duplicate inserts': inserts.duplicates };
    if (client === 'rotating') {
      counts['failed calls'] = failedCalls(application);
      counts['rows of unconfirmed inserts'] = inserts.unconfirmed;
    } else if (client === 'interval' && STRATEGIES[strategy].keepsReplaced) {
      counts['failed calls'] = failedCalls(application, NOT_COVERED);
    }
    counts['failed calls before a key was deleted'] = failedBeforeDeletion;
    const broken = Object.entries(counts)
      .filter(([, count]) => count !== 0)
      .map(([what, count]) => `${strategy}, ${client}: ${count} ${what}`);
    const provesNothing = !takesTurns(strategy) && MUST_FAIL.includes(client) && failedCalls(application) === 0;
    return provesNothing ? [...broken, `${strategy}, ${client}: no failed calls, but the client must fail`] : broken;
  });
}

/** Failed calls, without those around some events. */
export function failedCalls({ failures, around }: ApplicationResult, without: readonly string[] = []): number {
  const all = Object.values(failures).reduce((sum, count) => sum + count, 0);
  return without.reduce((rest, name) => rest - (around[name]?.failed ?? 0), all);
}
