import type { TrailEvent, TrailEventName } from '../aws/aws.ts';
import type { Outcome, PastRotation, Told } from './past-rotation.ts';

/** How long after RotateSecret the event RotationStarted may follow. */
const START_DELAY_MS = 5 * 60_000;

const OUTCOMES: Readonly<Partial<Record<TrailEventName, Outcome>>> = {
  RotationSucceeded: 'succeeded',
  RotationFailed: 'failed',
  RotationAbandoned: 'abandoned',
};

/** A rotation while its events are read. */
interface Draft {
  call?: TrailEvent;
  started?: TrailEvent;
  end?: TrailEvent;
}

/**
 * The rotations that the events of CloudTrail tell about one secret. The events of Secrets Manager
 * name no version, so their order connects them.
 */
export function rotationsInTrail(secretArn: string, events: readonly TrailEvent[]): readonly PastRotation[] {
  const drafts: Draft[] = [];
  // RotateSecret comes before RotationStarted in the same second.
  const inOrder = events.toSorted((a, b) => a.at - b.at || rank(a) - rank(b));
  for (const event of inOrder) {
    const open = drafts.at(-1);
    if (event.name === 'RotateSecret') {
      drafts.push({ call: event });
    } else if (event.name !== 'RotationStarted' && open !== undefined && open.end === undefined) {
      open.end = event;
    } else if (event.name !== 'RotationStarted') {
      drafts.push({ end: event });
    } else if (open?.call !== undefined && open.started === undefined && event.at - open.call.at <= START_DELAY_MS) {
      open.started = event;
    } else {
      drafts.push({ started: event });
    }
  }
  return drafts.map((draft) => toRotation(secretArn, draft));
}

function rank({ name }: TrailEvent): number {
  return name === 'RotateSecret' ? 0 : name === 'RotationStarted' ? 1 : 2;
}

function toRotation(secretArn: string, { call, started, end }: Draft): PastRotation {
  const outcome = end && OUTCOMES[end.name];
  return {
    secretArn,
    kind: 'rotation',
    versionId: call?.versionId,
    startedAt: inTrail((started ?? call)?.at),
    endedAt: inTrail(end?.at),
    trigger: inTrail(
      call?.principal !== undefined
        ? { kind: 'principal', principal: call.principal }
        : // The schedule calls no API.
          started !== undefined && call === undefined
          ? { kind: 'schedule' }
          : undefined,
    ),
    outcome: inTrail(outcome),
    failures: [],
  };
}

function inTrail<T>(value: T | undefined): Told<T> | undefined {
  return value === undefined ? undefined : { value, source: 'cloudtrail' };
}
