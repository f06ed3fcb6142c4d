import type { ListedVersion } from '../../protocol/secret/secret-store.ts';
import { KEY_EVENT, STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine, TrailEvent, TrailEventName } from '../aws/aws.ts';
import { HOUR_MS } from '../terminal/time.ts';
import type { HistorySource, PastRotation } from './json-schema.ts';

/** The rotations of one secret, from its log lines. The lines must be oldest first. */
export function rotationsInLog(lines: readonly FunctionLogLine[]): readonly PastRotation[] {
  return [...Map.groupBy(lines, ({ versionId }) => versionId).values()].map(rotationOfLines);
}

function rotationOfLines(lines: readonly FunctionLogLine[]): PastRotation {
  const [first] = lines;
  const isTest = lines.every(({ step }) => step === 'testSecret');
  const success = lines.find(({ event, step }) => event === STEP_EVENT.finished && (isTest || step === 'finishSecret'));
  const last = lines.at(-1);
  const failure = success === undefined && last?.event === STEP_EVENT.failed ? last : undefined;
  const end = success ?? failure;
  // Otherwise the period begins after the start of this rotation.
  const showsStart = first?.event === STEP_EVENT.started && (isTest || first.step === 'createSecret');
  return rotationFrom('log', isTest ? 'test' : 'rotation', {
    versionId: first?.versionId ?? null,
    // Without its start and its end, the first line is the only time that is known.
    startedAt: dateOf(showsStart || end === undefined ? first : undefined),
    endedAt: dateOf(end),
    outcome: success ? 'succeeded' : failure ? 'failed' : null,
    failures: lines.flatMap(({ at, step = '', failure: logged }) =>
      logged === undefined ? [] : [{ at: new Date(at), step, code: logged.code, message: logged.message }],
    ),
    createdKey: lines.findLast(({ event }) => event === KEY_EVENT.created)?.key?.id ?? null,
    deletedKeys: lines.flatMap(({ event, key }) =>
      event === KEY_EVENT.deleted && key !== undefined ? [{ apiKeyId: key.id, why: key.why ?? null }] : [],
    ),
  });
}

/** How long after RotateSecret the event RotationStarted may follow. */
const START_DELAY_MS = 5 * 60_000;

/** How long a rotation lasts at most: four steps of 15 minutes. */
const LONGEST_ROTATION_MS = HOUR_MS;

const OUTCOMES: Readonly<Partial<Record<TrailEventName, PastRotation['outcome']>>> = {
  RotationSucceeded: 'succeeded',
  RotationFailed: 'failed',
  RotationAbandoned: 'abandoned',
};

/**
 * The rotations that the events of CloudTrail tell about one secret. The events of Secrets Manager
 * name no version, so their order connects them: a call, a start, an end.
 */
export function rotationsInTrail(events: readonly TrailEvent[]): readonly PastRotation[] {
  const rotations: TrailEvent[][] = [];
  const sorted = events.toSorted((a, b) => a.at - b.at);
  for (const ofSecond of Map.groupBy(sorted, ({ at }) => at).values()) {
    for (const event of inOrder(ofSecond, rotations.at(-1)?.at(-1))) {
      const open = rotations.at(-1);
      const last = open?.at(-1);
      const isLate = event.name === 'RotationStarted' && last !== undefined && event.at - last.at > START_DELAY_MS;
      if (open !== undefined && last !== undefined && rank(last) < rank(event) && !isLate) {
        open.push(event);
      } else {
        rotations.push([event]);
      }
    }
  }
  return rotations.map(rotationOfEvents);
}

/** Orders the events of one second, because CloudTrail rounds to seconds. */
function inOrder(ofSecond: readonly TrailEvent[], last: TrailEvent | undefined): Iterable<TrailEvent> {
  const byRank = ofSecond.toSorted((a, b) => rank(a) - rank(b));
  // If another rotation starts before the last one has ended, an end is of the last one.
  const [first] = byRank;
  const startsAnother = first !== undefined && last !== undefined && rank(first) <= rank(last);
  const mayEnd = startsAnother && rank(last) < 2 && first.at - last.at < LONGEST_ROTATION_MS;
  const end = mayEnd ? byRank.find((event) => rank(event) === 2) : undefined;
  return end === undefined ? byRank : new Set([end, ...byRank]);
}

function rank({ name }: TrailEvent): number {
  return name === 'RotateSecret' ? 0 : name === 'RotationStarted' ? 1 : 2;
}

function rotationOfEvents(events: readonly TrailEvent[]): PastRotation {
  const [call, started, end] = [0, 1, 2].map((wanted) => events.find((event) => rank(event) === wanted));
  // CloudTrail records no RotateSecret call for a rotation by schedule.
  const isScheduled = started !== undefined && call === undefined;
  return rotationFrom('cloudtrail', 'rotation', {
    versionId: call?.versionId ?? null,
    startedAt: dateOf(started ?? call),
    endedAt: dateOf(end),
    trigger: isScheduled ? 'schedule' : (call?.principal ?? null),
    outcome: (end && OUTCOMES[end.name]) ?? null,
  });
}

/** A version that a rotation or a person has stored. */
export function rotationOfVersion({ versionId, createdAt }: ListedVersion): PastRotation {
  return rotationFrom('versions', 'version', { versionId, startedAt: new Date(createdAt) });
}

function rotationFrom(source: HistorySource, kind: PastRotation['kind'], told: Partial<PastRotation>): PastRotation {
  return {
    ...{ kind, versionId: null, outcome: null, startedAt: null, endedAt: null, durationMs: null, trigger: null },
    ...{ failures: [], createdKey: null, deletedKeys: [], sources: [source] },
    ...told,
  };
}

function dateOf(event: { readonly at: number } | undefined): Date | null {
  return event === undefined ? null : new Date(event.at);
}
