import { isOffOnPurpose, OFF_ON_PURPOSE } from '../../protocol/secret/rotated-secrets.ts';
import { unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { PastRotation } from '../history/past-rotation.ts';
import { DAY_MS, date, parseDuration } from '../terminal/time.ts';
import { type ExaminedSecret, lastRotationFailed } from './examined-secret.ts';

export interface Exception {
  readonly code:
    | 'rotation-off'
    | 'never-rotated'
    | 'overdue'
    | 'failed'
    | 'incomplete'
    | 'marked-for-deletion'
    | 'no-owner';
  readonly reason: string;
  /** When the rotation failed first, and the last code of the function. Only with `failed`. */
  readonly at?: number;
  readonly failureCode?: string | undefined;
}

/** Why an auditor asks about a secret. */
export function exceptionsOf(examined: ExaminedSecret, owners: readonly (string | undefined)[]): readonly Exception[] {
  const { secret, rotatedAt, isOverdue, rotations } = examined;
  const found: Exception[] = [];
  const add = (code: Exception['code'], reason: string): void => void found.push({ code, reason });
  if (secret.deletedAt !== undefined) {
    add('marked-for-deletion', `Marked for deletion since ${date(secret.deletedAt)}.`);
  }
  if (!secret.rotationEnabled) {
    add('rotation-off', reasonOfRotationOff(secret));
  }
  if (rotatedAt === undefined) {
    add('never-rotated', 'No rotation of this secret is known.');
  }
  if (isOverdue && secret.nextRotationAt !== undefined) {
    add('overdue', `The rotation of ${date(secret.nextRotationAt)} did not happen.`);
  }
  found.push(...rotations.flatMap((rotation) => failureOf(rotation, examined)));
  if (unfinishedVersion(secret) !== undefined && !lastRotationFailed(examined)) {
    add('incomplete', 'A rotation is running, or waits for its next attempt.');
  }
  if (owners.length > 0 && owners.every((owner) => owner === undefined)) {
    add('no-owner', 'No tag names an owner.');
  }
  return found;
}

/**
 * The exception of a failed rotation. Secrets Manager retries a rotation within the window of the
 * secret, so a success within this time makes up for the failure.
 */
function failureOf(rotation: PastRotation, { secret, successes, now }: ExaminedSecret): readonly Exception[] {
  const { kind, outcome, failures, startedAt, endedAt } = rotation;
  const isOver = outcome?.value === 'failed' || outcome?.value === 'abandoned';
  const at = failures[0]?.at ?? (isOver ? (endedAt ?? startedAt)?.value : undefined);
  if (kind !== 'rotation' || at === undefined) {
    return [];
  }
  const retriedUntil = at + (parseDuration(secret.window ?? '') ?? DAY_MS);
  const success = successes.find((time) => time >= at);
  if (success === undefined ? !isOver && now <= retriedUntil : success <= retriedUntil) {
    return [];
  }
  const failure = failures.at(-1);
  const what = failure === undefined ? 'failed or was abandoned' : `failed: ${failure.code} in ${failure.step}`;
  const then = success === undefined ? 'No rotation succeeded since' : `The next success was on ${date(success)}`;
  return [{ code: 'failed', reason: `The rotation of ${date(at)} ${what}. ${then}.`, at, failureCode: failure?.code }];
}

function reasonOfRotationOff(secret: ExaminedSecret['secret']): string {
  if (isOffOnPurpose(secret)) {
    return `Rotation is off on purpose: the secret has the tag ${OFF_ON_PURPOSE.key}=${OFF_ON_PURPOSE.value}.`;
  }
  return secret.rotationFunctionArn === undefined
    ? 'Rotation was never configured.'
    : 'Rotation is off: it was cancelled (CancelRotateSecret).';
}
