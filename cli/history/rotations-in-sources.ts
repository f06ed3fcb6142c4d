import type { ListedVersion } from '../../protocol/secret/secret-store.ts';
import { KEY_EVENT, STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine, TrailEvent, TrailEventName } from '../aws/aws.ts';
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
  // Otherwise the period begins after the start of this rotation.
  const showsStart = first?.event === STEP_EVENT.started && (isTest || first.step === 'createSecret');
  return rotationFrom('log', isTest ? 'test' : 'rotation', {
    versionId: first?.versionId ?? null,
    startedAt: dateOf(showsStart ? first : undefined),
    endedAt: dateOf(success ?? failure),
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

const OUTCOMES: Readonly<Partial<Record<TrailEventName, PastRotation['outcome']>>> = {
  RotationSucceeded: 'succeeded',
  RotationFailed: 'failed',
  RotationAbandoned: 'abandoned',
};

interface EventsOfRotation {
  call?: TrailEvent;
  started?: TrailEvent;
  end?: TrailEvent;
}

/**
 * The rotations that the events of CloudTrail tell about one secret. The events of Secrets Manager
 * name no version, so their order connects them.
 */
export function rotationsInTrail(events: readonly TrailEvent[]): readonly PastRotation[] {
  const rotations: EventsOfRotation[] = [];
  // RotateSecret comes before RotationStarted in the same second.
  const inOrder = events.toSorted((a, b) => a.at - b.at || rank(a) - rank(b));
  for (const event of inOrder) {
    const open = rotations.at(-1);
    if (event.name === 'RotateSecret') {
      rotations.push({ call: event });
    } else if (event.name !== 'RotationStarted' && open !== undefined && open.end === undefined) {
      open.end = event;
    } else if (event.name !== 'RotationStarted') {
      rotations.push({ end: event });
    } else if (open?.call !== undefined && open.started === undefined && event.at - open.call.at <= START_DELAY_MS) {
      open.started = event;
    } else {
      rotations.push({ started: event });
    }
  }
  return rotations.map(rotationOfEvents);
}

function rank({ name }: TrailEvent): number {
  return name === 'RotateSecret' ? 0 : name === 'RotationStarted' ? 1 : 2;
}

function rotationOfEvents({ call, started, end }: EventsOfRotation): PastRotation {
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
