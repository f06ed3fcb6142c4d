import { KEY_EVENT, STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine, TrailEvent, TrailEventName } from '../aws/aws.ts';
import { type PastOutcome, type PastRotation, withSource } from './past-rotation.ts';

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
  const outcome: PastOutcome | undefined = success ? 'succeeded' : failure && 'failed';
  // Otherwise the period begins after the start of this rotation.
  const showsStart = first?.event === STEP_EVENT.started && (isTest || first.step === 'createSecret');
  return {
    kind: isTest ? 'test' : 'rotation',
    versionId: first?.versionId,
    startedAt: withSource('log', showsStart ? first.at : undefined),
    endedAt: withSource('log', (success ?? failure)?.at),
    outcome: withSource('log', outcome),
    failures: lines.flatMap(({ at, step = '', failure: logged }) =>
      logged === undefined ? [] : [{ at, step, code: logged.code, message: logged.message }],
    ),
    createdKey: lines.findLast(({ event }) => event === KEY_EVENT.created)?.key?.id,
    deletedKeys: lines.flatMap(({ event, key }) => (event === KEY_EVENT.deleted && key !== undefined ? [key] : [])),
  };
}

/** How long after RotateSecret the event RotationStarted may follow. */
const START_DELAY_MS = 5 * 60_000;

const OUTCOMES: Readonly<Partial<Record<TrailEventName, PastOutcome>>> = {
  RotationSucceeded: 'succeeded',
  RotationFailed: 'failed',
  RotationAbandoned: 'abandoned',
};

/** The events of one rotation. */
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
  return {
    kind: 'rotation',
    versionId: call?.versionId,
    startedAt: withSource('cloudtrail', (started ?? call)?.at),
    endedAt: withSource('cloudtrail', end?.at),
    trigger: withSource('cloudtrail', isScheduled ? 'schedule' : call?.principal),
    outcome: withSource('cloudtrail', end && OUTCOMES[end.name]),
    failures: [],
  };
}
