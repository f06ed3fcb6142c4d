import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { explainFault } from '../outcome/explain-fault.ts';
import { alternatingUsersOf } from './check-secret.ts';
import { confirmLogin } from './confirm-login.ts';
import { explainEnd, explainInterruption } from './explain.ts';
import { followRotation, readAllStepRuns } from './follow-rotation.ts';
import { confirmNewerRotation } from './newer-rotation.ts';
import {
  isComplete,
  type NotedProgress,
  type RotateOutcome,
  type RotateProgress,
  type RotateReport,
} from './report.ts';
import type { RotateOptions } from './rotate-definition.ts';
import type { RotatePorts } from './rotate-ports.ts';
import { type Started, startRotation } from './start-rotation.ts';
import { createStepRunReader } from './step-runs.ts';

/** The clocks of this machine and of AWS may differ. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Lambda ends a function after this time, so an attempt that runs has logged its start since. */
const LONGEST_ATTEMPT_MS = 15 * 60_000;

/**
 * Rotates one secret, follows the rotation to its end, and logs in. Reports every outcome, a fault
 * of the command too, because a fault with one secret must not hide the reports of others.
 */
export async function rotateSecret(
  secretId: string,
  options: RotateOptions,
  ports: RotatePorts,
  shown: RotateProgress,
): Promise<RotateReport> {
  const { clock } = ports;
  const began = clock.now();
  const notes: string[] = [];
  const progress: NotedProgress = {
    ...shown,
    note: (text) => {
      notes.push(text);
      shown.show(`note: ${text}`);
    },
  };
  const report = (outcome: RotateOutcome, known: Partial<RotateReport>): RotateReport => ({
    secretId,
    steps: [],
    ...known,
    notes,
    durationMs: clock.now() - began,
    outcome,
  });

  let known: Partial<RotateReport> = {};
  try {
    for (;;) {
      const start = await startRotation(secretId, options.planned, ports, progress);
      if (start.kind === 'not-started') {
        const { secret, previous } = start.checked ?? {};
        return report(start.outcome, { arn: secret?.arn, previousVersionId: previous?.versionId });
      }
      const { secret, previous, versionId } = start;
      known = { arn: secret.arn, versionId, previousVersionId: previous.versionId };
      const { outcome, ...followed } = await followAndConfirm(start, options, ports, progress);
      // After the test of a new schedule, nothing runs and nothing has rotated.
      const startsAnother = !start.isOwn && outcome.kind === 'failed' && outcome.code === 'pending-removed';
      if (!startsAnother) {
        if (!options.bothUsers && isComplete(outcome) && followed.versionId === versionId) {
          notes.push(...notesOnOtherUser(start));
        }
        return report(outcome, { ...known, ...followed });
      }
    }
  } catch (error) {
    return report({ kind: 'unexpected', ...explainFault(error, secretId) }, known);
  }
}

/** After one rotation of two users that take turns, the other credential still logs in. */
function notesOnOtherUser(started: Started): readonly string[] {
  const [, current] = alternatingUsersOf(started) ?? [];
  return current === undefined
    ? []
    : [
        `The credential of ${current} still logs in, because it was not the turn of ${current}. After a leak, rotate with --both-users.`,
      ];
}

async function followAndConfirm(
  started: Started,
  options: RotateOptions,
  ports: RotatePorts,
  progress: NotedProgress,
): Promise<Pick<RotateReport, 'outcome' | 'steps' | 'versionId'>> {
  const { secret, versionId, isOwn } = started;
  const { aws, clock, interrupted } = ports;
  progress.show(`rotation started, version ${versionId}`);
  const since = clock.now() - CLOCK_SKEW_MS - (isOwn ? 0 : LONGEST_ATTEMPT_MS);
  const log = aws.functionLog(secret.rotationFunctionArn ?? '');
  const readStepRuns = createStepRunReader(log, { versionId, since }, progress);
  const { end, runs } = await followRotation(started, options, { ...ports, readStepRuns }, progress);
  const newer = async () => await confirmNewerRotation(started, options, ports, progress);
  if (end.kind !== 'promoted') {
    const confirmed = end.kind === 'abandoned' ? await newer() : undefined;
    return { outcome: explainEnd(end, runs, secret.name, versionId), versionId, ...confirmed, steps: runs };
  }
  progress.show(`AWSCURRENT has moved to version ${versionId}`);
  const outcome = interrupted.aborted
    ? explainInterruption('promoted', secret.name)
    : await confirmLogin(started, ports, progress, usersAfter(end.from, started));
  const confirmed = outcome.kind === 'rejected' ? await newer() : undefined;
  const steps = options.planned ? runs : await readAllStepRuns(runs, { ...ports, readStepRuns });
  return { outcome, versionId, ...confirmed, steps };
}

/**
 * The users that the new version may name. Another rotation may have moved AWSCURRENT while this
 * one waited for the quota of AWS, and then it began from the other user.
 *
 * @param from the version that had AWSCURRENT before the promotion
 */
function usersAfter(from: string | undefined, { previous, strategy }: Started): readonly Credentials[] {
  const next = strategy.next(previous.credentials);
  return from === undefined || from === previous.versionId ? [next] : [next, previous.credentials];
}
