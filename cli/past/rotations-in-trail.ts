import type { TrailEvent, TrailEventName } from '../aws/aws.ts';
import { type Outcome, type PastRotation, withSource } from './past-rotation.ts';

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
export function rotationsInTrail(events: readonly TrailEvent[]): readonly PastRotation[] {
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
  return drafts.map(toRotation);
}

function rank({ name }: TrailEvent): number {
  return name === 'RotateSecret' ? 0 : name === 'RotationStarted' ? 1 : 2;
}

function toRotation({ call, started, end }: Draft): PastRotation {
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
