import type { ListedVersion } from '../../protocol/secret/secret-store.ts';
import { unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { Period, RotatingSecret } from '../aws/aws.ts';
import { type PastOutcome, type PastRotation, type Sourced, timeOf, withSource } from './past-rotation.ts';

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
): readonly PastRotation[] {
  const merged = [...log];
  for (const rotation of [...trail, ...versions.map(ofVersion)]) {
    const index = merged.findIndex((known) => isSame(known, rotation));
    const known = merged[index];
    if (known !== undefined) {
      merged[index] = join(known, rotation);
    } else if (rotation.kind !== 'version' || (timeOf(rotation) >= since && timeOf(rotation) <= until)) {
      merged.push(rotation);
    }
  }
  return markRunning(merged, secret).toSorted((a, b) => timeOf(a) - timeOf(b));
}

function ofVersion({ versionId, createdAt }: ListedVersion): PastRotation {
  return { kind: 'version', versionId, startedAt: withSource('versions', createdAt), failures: [] };
}

/** Whether two sources tell about the same rotation. */
function isSame(known: PastRotation, other: PastRotation): boolean {
  if (known.versionId !== undefined && other.versionId !== undefined) {
    return known.versionId === other.versionId;
  }
  const [from, to] = spanOf(known);
  const [otherFrom, otherTo] = spanOf(other);
  return otherFrom <= to + SLACK_MS && otherTo >= from - SLACK_MS;
}

function spanOf(rotation: PastRotation): readonly [from: number, to: number] {
  const times = [rotation.startedAt?.value, rotation.endedAt?.value, ...rotation.failures.map(({ at }) => at)].filter(
    (time) => time !== undefined,
  );
  return [Math.min(...times), Math.max(...times)];
}

/** Prefers what is known, because the log comes first and has the exact times. */
function join(known: PastRotation, other: PastRotation): PastRotation {
  const outcome = moreCertain(known.outcome, other.outcome);
  return {
    ...known,
    versionId: known.versionId ?? other.versionId,
    startedAt: known.startedAt ?? other.startedAt,
    endedAt: outcome === known.outcome ? (known.endedAt ?? other.endedAt) : other.endedAt,
    trigger: known.trigger ?? other.trigger,
    outcome,
  };
}

const MOST_CERTAIN_FIRST: readonly PastOutcome[] = ['succeeded', 'abandoned', 'failed'];

/**
 * Chooses between the outcomes of the log and of CloudTrail. A success wins, because a rotation
 * can succeed after a failed attempt, and the other source may have missed the success.
 */
function moreCertain(
  known: Sourced<PastOutcome> | undefined,
  other: Sourced<PastOutcome> | undefined,
): Sourced<PastOutcome> | undefined {
  const outcomes = [known, other].filter((each) => each !== undefined);
  return outcomes.toSorted((a, b) => MOST_CERTAIN_FIRST.indexOf(a.value) - MOST_CERTAIN_FIRST.indexOf(b.value))[0];
}

function markRunning(rotations: readonly PastRotation[], secret: RotatingSecret): readonly PastRotation[] {
  const pending = unfinishedVersion(secret);
  const running = withSource<PastOutcome>('labels', 'running');
  return rotations.map((rotation) =>
    pending !== undefined && rotation.versionId === pending && rotation.outcome === undefined
      ? { ...rotation, kind: 'rotation', outcome: running }
      : rotation,
  );
}
