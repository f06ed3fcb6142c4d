import { isRevocation } from '../../protocol/rotation/strategies/minimum-gap.ts';
import { nameOf } from '../credential-forms.ts';
import { explainFault } from '../outcome/failure.ts';
import { checkCurrent, confirmLogin } from './confirm-login.ts';
import { explainInterruption } from './explain.ts';
import { followRotation } from './follow-rotation.ts';
import type { RotateReport } from './json-schema.ts';
import { createStepReader } from './logged-steps.ts';
import { proveRevocation } from './prove-revocation.ts';
import { isComplete, type RotateOutcome, reportOf } from './report.ts';
import type { RotateOptions } from './rotate-definition.ts';
import type { RotatePorts } from './rotate-ports.ts';
import { type Started, startRotation } from './start-rotation.ts';

/**
 * An attempt that runs has logged its start since: Lambda ends a function after 15 minutes, and the
 * clocks of this machine and of AWS may differ.
 */
const LONGEST_ATTEMPT_MS = 20 * 60_000;

/**
 * Rotates one secret, follows the rotation to its end, and logs in. Reports every outcome, a fault
 * of the command too, because a fault with one secret must not hide the reports of others.
 */
export async function rotateSecret(
  secretId: string,
  options: RotateOptions,
  ports: RotatePorts,
): Promise<RotateReport> {
  const { clock } = ports;
  const began = clock.now();
  const notes: string[] = [];
  let known: Partial<RotateReport> = {};
  const report = (outcome: RotateOutcome): RotateReport =>
    reportOf(secretId, outcome, { ...known, notes, durationMs: clock.now() - began });
  try {
    for (;;) {
      const start = await startRotation(secretId, ports);
      if (start.kind === 'not-started') {
        const { secret, previous } = start.checked ?? {};
        known = { arn: secret?.arn ?? null, previousVersionId: previous?.versionId ?? null };
        return report(start.outcome);
      }
      const { secret, previous, versionId } = start;
      known = { arn: secret.arn, versionId, previousVersionId: previous.versionId };
      const outcome = await followAndConfirm(start, options, ports, notes);
      // After the test of a new schedule, nothing runs and nothing has rotated.
      const startsAnother = !start.isOwn && outcome.kind === 'failed' && outcome.code === 'pending-removed';
      if (!startsAnother) {
        if (!options.bothUsers && isComplete(outcome.kind)) {
          notes.push(...notesOnReplaced(start));
        }
        return report(outcome);
      }
    }
  } catch (error) {
    return report({ kind: 'unexpected', ...explainFault(error, secretId) });
  }
}

/** Which credential still logs in after the rotation. */
function notesOnReplaced(started: Started): readonly string[] {
  const { strategy, previous, versionId, users: [, current] = [] } = started;
  return [
    ...(current === undefined
      ? []
      : [
          `The credential of ${current} still logs in, because it was not the turn of ${current}. After a leak, rotate with --both-users.`,
        ]),
    ...(strategy.canRevoke && !isRevocation(versionId)
      ? [`The replaced ${nameOf(previous.credentials)} still logs in. After a leak, rotate with --revoke-previous.`]
      : []),
  ];
}

async function followAndConfirm(
  started: Started,
  options: RotateOptions,
  ports: RotatePorts,
  notes: string[],
): Promise<RotateOutcome> {
  const { secret, versionId, isOwn } = started;
  const { clock, interrupted, showProgress } = ports;
  showProgress?.(`${isOwn ? 'rotation started' : 'an earlier rotation is not complete'}, version ${versionId}`);
  const now = clock.now();
  const since = now - LONGEST_ATTEMPT_MS;
  const readSteps = createStepReader(started, { since, shownFrom: isOwn ? since : now }, ports, notes);
  const end = await followRotation(started, options, { ...ports, readSteps });
  if (end !== undefined) {
    return await checkCurrent(end, started, ports);
  }
  showProgress?.(`AWSCURRENT has moved to version ${versionId}`);
  if (interrupted.aborted) {
    return explainInterruption(secret.name);
  }
  const confirmed = await confirmLogin(started, ports);
  if (confirmed.kind !== 'rotated' || !isRevocation(versionId)) {
    return confirmed;
  }
  const proof = await proveRevocation(started, ports);
  if (typeof proof !== 'string') {
    return proof;
  }
  notes.push(proof);
  return confirmed;
}
