import { isOffOnPurpose, OFF_ON_PURPOSE } from '../../protocol/secret/off-on-purpose.ts';
import { unfinishedVersion } from '../../protocol/secret/versions.ts';
import { date } from '../terminal/dates.ts';
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
  if (lastRotationFailed(examined)) {
    const failure = rotations.findLast(({ failures }) => failures.length > 0)?.failures.at(-1);
    add(
      'failed',
      failure ? `The last rotation failed: ${failure.code} in ${failure.step}.` : 'The last rotation failed.',
    );
  }
  if (unfinishedVersion(secret) !== undefined && !lastRotationFailed(examined)) {
    add('incomplete', 'A rotation is running, or waits for its next attempt.');
  }
  if (owners.length > 0 && owners.every((owner) => owner === undefined)) {
    add('no-owner', 'No tag names an owner.');
  }
  return found;
}

function reasonOfRotationOff(secret: ExaminedSecret['secret']): string {
  if (isOffOnPurpose(secret)) {
    return `Rotation is off on purpose: the secret has the tag ${OFF_ON_PURPOSE.key}=${OFF_ON_PURPOSE.value}.`;
  }
  return secret.rotationFunctionArn === undefined
    ? 'Rotation was never configured.'
    : 'Rotation is off: it was cancelled, or its stack was removed.';
}
