import { tokenWithoutGap } from '../../protocol/rotation/strategies/minimum-gap.ts';
import { AWSCURRENT, AWSPENDING } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { type CommandRefusal, refused } from '../outcome/failure.ts';
import type { Ready } from './check-secret.ts';
import type { ProgressListener, RotateOutcome, RotateReport } from './report.ts';
import type { RotateOptions } from './rotate-definition.ts';
import type { RotatePorts } from './rotate-ports.ts';
import { rotateSecret } from './rotate-secret.ts';

/** Two users that take turns: the next rotation changes the first, the one after it the last. */
export type Turns = readonly [first: string, last: string];

/** @returns `undefined` for a single user */
export function turnsOf({ previous, strategy }: Ready): Turns | undefined {
  const { username: last } = previous.credentials;
  const first = strategy.next(previous.credentials).username;
  return first === last ? undefined : [first, last];
}

/** Why both users of a secret cannot rotate: the command does not know whether there are two. */
export function refuseUnknownUsers({ secret: { name }, strategy }: Ready): CommandRefusal {
  return refused(
    'users-unknown',
    strategy.notes.join(' '),
    `Allow lambda:GetFunctionConfiguration and repeat the command, or rotate each secret with \`zilliz-rotation rotate ${name} --both-users --users A,B\`.`,
  );
}

/** Adds to the report of one of two users that the other credential still logs in. */
export function withOtherUser(report: RotateReport, turns: Turns | undefined): RotateReport {
  if (turns === undefined || !isComplete(report.outcome)) {
    return report;
  }
  const [, last] = turns;
  const note = `The credential of ${last} still logs in, because it was not the turn of ${last}. After a leak, rotate with --both-users.`;
  return { ...report, notes: [...report.notes, note] };
}

/**
 * Rotates both users, without the minimum gap. Stops after a rotation that is not complete.
 *
 * @returns a report of each rotation
 */
export async function rotateInTurn(
  secretId: string,
  [, last]: Turns,
  options: RotateOptions,
  ports: RotatePorts,
  onProgress: ProgressListener,
): Promise<readonly RotateReport[]> {
  const withoutGap = { ...ports, newToken: () => tokenWithoutGap(ports.newToken()) };
  const first = await rotateSecret(secretId, options, withoutGap, onProgress);
  if (!isComplete(first.outcome)) {
    const position = `This was the first of two rotations. The second was not started, so ${last} keeps its password.`;
    return [withPosition(first, position)];
  }
  const { planned, ...others } = options;
  const next = planned === undefined ? others : { ...others, planned: afterRotation(planned, first) };
  const second = await rotateSecret(secretId, next, withoutGap, onProgress);
  return [first, withPosition(second, `The first of two rotations is complete. This is the second, of ${last}.`)];
}

/** The secret as the first rotation left it, so that the second one does not count the first. */
function afterRotation(secret: RotatingSecret, { versionId = '' }: RotateReport): RotatingSecret {
  return { ...secret, versions: [{ versionId, labels: [AWSCURRENT, AWSPENDING] }] };
}

/** The function has tested a new credential whose login the command could not confirm. */
export function isComplete({ kind }: RotateOutcome): boolean {
  return kind === 'rotated' || kind === 'unconfirmed';
}

/** Adds to an outcome that is not complete which of the two rotations it was. */
function withPosition(report: RotateReport, position: string): RotateReport {
  const { outcome } = report;
  if (outcome.kind === 'rotated' || outcome.kind === 'unconfirmed') {
    return report;
  }
  const message = `${outcome.message} ${position}`;
  const advice = `${outcome.advice} To replace both passwords, repeat the command.`;
  return { ...report, outcome: { ...outcome, message, advice } };
}
