import type { ListedVersion } from '../../protocol/secret/secret-store.ts';
import { unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { Period, RotatingSecret } from '../aws/aws.ts';
import type { PastRotation } from './json-schema.ts';
import { rotationOfVersion } from './rotations-in-sources.ts';

/**
 * The longest time between two entries of one rotation, because CloudTrail rounds to seconds, and
 * the function starts later than the rotation.
 */
const SLACK_MS = 2 * 60_000;

/** Joins what the sources tell about the rotations of one secret. Oldest first. */
export function mergeRotations(
  secret: RotatingSecret,
  log: readonly PastRotation[],
  trail: readonly PastRotation[],
  versions: readonly ListedVersion[],
  { since, until }: Period,
): PastRotation[] {
  const merged = [...log];
  for (const rotation of [...trail, ...versions.map(rotationOfVersion)]) {
    const index = merged.findIndex((known) => isSame(known, rotation));
    const known = merged[index];
    if (known !== undefined) {
      merged[index] = join(known, rotation);
    } else if (rotation.kind !== 'version' || (timeOf(rotation) >= since && timeOf(rotation) <= until)) {
      merged.push(rotation);
    }
  }
  return merged.map((rotation) => complete(rotation, secret)).toSorted((a, b) => timeOf(a) - timeOf(b));
}

/** The time by which a rotation is sorted, in milliseconds since the epoch. */
export function timeOf({ startedAt, endedAt }: PastRotation): number {
  return (startedAt ?? endedAt)?.getTime() ?? 0;
}

function isSame(known: PastRotation, other: PastRotation): boolean {
  if (known.versionId !== null && other.versionId !== null) {
    return known.versionId === other.versionId;
  }
  // A test of a schedule ends without an event, so the event is of a rotation soon after it.
  if (known.kind === 'test' && other.outcome !== null) {
    return false;
  }
  const [from, to] = spanOf(known);
  const [otherFrom, otherTo] = spanOf(other);
  return otherFrom <= to + SLACK_MS && otherTo >= from - SLACK_MS;
}

function spanOf({ startedAt, endedAt, failures }: PastRotation): readonly [from: number, to: number] {
  const times = [startedAt, endedAt, ...failures.map(({ at }) => at)].filter((time) => time !== null).map(Number);
  return [Math.min(...times), Math.max(...times)];
}

/** Prefers what is known, because the log comes first and has the exact times. */
function join(known: PastRotation, other: PastRotation): PastRotation {
  const result = moreCertain(known, other);
  return {
    ...known,
    versionId: known.versionId ?? other.versionId,
    outcome: result.outcome,
    startedAt: known.startedAt ?? other.startedAt,
    endedAt: result.endedAt ?? other.endedAt,
    trigger: known.trigger ?? other.trigger,
    sources: [...new Set([...known.sources, ...other.sources])],
  };
}

const MOST_CERTAIN_FIRST: ReadonlyArray<PastRotation['outcome']> = ['succeeded', 'abandoned', 'failed'];

/**
 * Chooses between the outcomes of the log and of CloudTrail. A success wins, because a rotation
 * can succeed after a failed attempt, and the other source may have missed the success.
 */
function moreCertain(known: PastRotation, other: PastRotation): PastRotation {
  return MOST_CERTAIN_FIRST.flatMap((outcome) => [known, other].filter((each) => each.outcome === outcome))[0] ?? known;
}

/** Adds the duration, and that the rotation runs, which only the labels tell. */
function complete(rotation: PastRotation, secret: RotatingSecret): PastRotation {
  const { startedAt, endedAt, versionId, outcome, sources } = rotation;
  const durationMs = startedAt && endedAt ? endedAt.getTime() - startedAt.getTime() : null;
  const runs = versionId !== null && versionId === unfinishedVersion(secret) && outcome === null;
  return runs
    ? { ...rotation, kind: 'rotation', outcome: 'running', durationMs, sources: [...sources, 'labels'] }
    : { ...rotation, durationMs };
}
