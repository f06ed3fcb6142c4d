import type { ListedVersion } from '../../secret/store.ts';
import { AWSCURRENT, AWSPENDING, holderOf } from '../../secret/versions.ts';
import type { Period, RotatingSecret } from '../aws/aws.ts';
import { type Outcome, type PastRotation, type Told, timeOf } from './past-rotation.ts';

/** CloudTrail rounds to seconds, and the function starts later than the rotation. */
const SLACK_MS = 2 * 60_000;

export interface ToldRotations {
  readonly log: readonly PastRotation[];
  readonly trail: readonly PastRotation[];
  readonly versions: readonly ListedVersion[];
}

/** Joins what the sources tell about the rotations of one secret. Oldest first. */
export function mergeRotations(
  secret: RotatingSecret,
  { log, trail, versions }: ToldRotations,
  { since, until }: Period,
): readonly PastRotation[] {
  const merged = [...log];
  for (const told of trail) {
    const index = merged.findIndex((rotation) => isSame(rotation, told));
    const known = merged[index];
    merged[known === undefined ? merged.length : index] = known === undefined ? told : join(known, told);
  }
  for (const version of versions) {
    const index = merged.findIndex((rotation) => made(rotation, version));
    const known = merged[index];
    const created: Told<number> = { value: version.createdAt, source: 'versions' };
    if (known !== undefined) {
      merged[index] = { ...known, versionId: version.versionId, startedAt: known.startedAt ?? created };
    } else if (version.createdAt >= since && version.createdAt <= until) {
      merged.push({
        ...NOTHING,
        secretArn: secret.arn,
        kind: 'version',
        versionId: version.versionId,
        startedAt: created,
      });
    }
  }
  return markRunning(merged, secret).toSorted((a, b) => timeOf(a) - timeOf(b));
}

const NOTHING = {
  versionId: undefined,
  startedAt: undefined,
  endedAt: undefined,
  trigger: undefined,
  outcome: undefined,
  failures: [],
} as const;

/** Whether a rotation of the log and one of CloudTrail are the same. */
function isSame(rotation: PastRotation, told: PastRotation): boolean {
  if (rotation.versionId !== undefined && told.versionId !== undefined) {
    return rotation.versionId === told.versionId;
  }
  const [from, to] = spanOf(rotation);
  const [toldFrom, toldTo] = spanOf(told);
  return toldFrom <= to + SLACK_MS && toldTo >= from - SLACK_MS;
}

function made(rotation: PastRotation, version: ListedVersion): boolean {
  if (rotation.versionId !== undefined) {
    return rotation.versionId === version.versionId;
  }
  const [from, to] = spanOf(rotation);
  return version.createdAt >= from - SLACK_MS && version.createdAt <= to + SLACK_MS;
}

function spanOf(rotation: PastRotation): readonly [from: number, to: number] {
  const times = [rotation.startedAt?.value, rotation.endedAt?.value, ...rotation.failures.map(({ at }) => at)].filter(
    (time) => time !== undefined,
  );
  return [Math.min(...times), Math.max(...times)];
}

/** Prefers the log, because the log has the exact times. */
function join(log: PastRotation, trail: PastRotation): PastRotation {
  const outcome = moreCertain(log.outcome, trail.outcome);
  return {
    ...log,
    startedAt: log.startedAt ?? trail.startedAt,
    endedAt: outcome === log.outcome ? (log.endedAt ?? trail.endedAt) : trail.endedAt,
    trigger: log.trigger ?? trail.trigger,
    outcome,
  };
}

const MOST_CERTAIN_FIRST: readonly Outcome[] = ['succeeded', 'abandoned', 'failed'];

/**
 * Chooses between the outcomes of the log and of CloudTrail. A success wins, because a rotation
 * can succeed after a failed attempt, and the other source may have missed the success.
 */
function moreCertain(log: Told<Outcome> | undefined, trail: Told<Outcome> | undefined): Told<Outcome> | undefined {
  const told = [log, trail].filter((each) => each !== undefined);
  return told.toSorted((a, b) => MOST_CERTAIN_FIRST.indexOf(a.value) - MOST_CERTAIN_FIRST.indexOf(b.value))[0];
}

function markRunning(rotations: readonly PastRotation[], secret: RotatingSecret): readonly PastRotation[] {
  const pending = holderOf(secret, AWSPENDING);
  if (pending === undefined || pending === holderOf(secret, AWSCURRENT)) {
    return rotations;
  }
  const running: Told<Outcome> = { value: 'running', source: 'labels' };
  return rotations.map((rotation) =>
    rotation.versionId === pending && rotation.outcome === undefined
      ? { ...rotation, kind: 'rotation', outcome: running }
      : rotation,
  );
}
