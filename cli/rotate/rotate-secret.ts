import { isRevocation } from '../../protocol/rotation/strategies/minimum-gap.ts';
import { formRules } from '../../protocol/secret/credential-form.ts';
import { nameOf } from '../credential-forms/forms.ts';
import { explainFault } from '../outcome/explain-fault.ts';
import { alternatingUsersOf } from './check-secret.ts';
import { confirmLogin } from './confirm-login.ts';
import { explainInterruption } from './explain.ts';
import { followRotation } from './follow-rotation.ts';
import { createStepReader } from './logged-steps.ts';
import { proveRevocation } from './prove-revocation.ts';
import { isComplete, type RotateOutcome, type RotateReport, type ShowProgress } from './report.ts';
import type { RotateOptions } from './rotate-definition.ts';
import type { RotatePorts } from './rotate-ports.ts';
import { type Started, startRotation } from './start-rotation.ts';

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
  showProgress: ShowProgress,
): Promise<RotateReport> {
  const { clock } = ports;
  const began = clock.now();
  const notes: string[] = [];
  let known: Partial<RotateReport> = {};
  const report = (outcome: RotateOutcome): RotateReport => ({
    ...{ secretId, notes, outcome, durationMs: clock.now() - began },
    ...known,
  });
  try {
    for (;;) {
      const start = await startRotation(secretId, ports);
      if (start.kind === 'not-started') {
        const { secret, previous } = start.checked ?? {};
        known = { arn: secret?.arn, previousVersionId: previous?.versionId };
        return report(start.outcome);
      }
      const { secret, previous, versionId } = start;
      known = { arn: secret.arn, versionId, previousVersionId: previous.versionId };
      const outcome = await followAndConfirm(start, options, ports, showProgress, notes);
      // After the test of a new schedule, nothing runs and nothing has rotated.
      const startsAnother = !start.isOwn && outcome.kind === 'failed' && outcome.code === 'pending-removed';
      if (!startsAnother) {
        if (!options.bothUsers && isComplete(outcome)) {
          notes.push(...notesOnOtherUser(start), ...notesOnReplacedKey(start));
        }
        return report(outcome);
      }
    }
  } catch (error) {
    return report({ kind: 'unexpected', ...explainFault(error, secretId) });
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

function notesOnReplacedKey({ strategy, previous, versionId }: Started): readonly string[] {
  return formRules(strategy).isPerVersion && !isRevocation(versionId)
    ? [`The replaced ${nameOf(previous.credentials)} still logs in. After a leak, rotate with --revoke-previous.`]
    : [];
}

async function withRevocation(
  outcome: RotateOutcome,
  started: Started,
  ports: RotatePorts,
  showProgress: ShowProgress,
  notes: string[],
): Promise<RotateOutcome> {
  if (outcome.kind !== 'rotated') {
    return outcome;
  }
  const proof = await proveRevocation(started, ports, showProgress);
  if (typeof proof !== 'string') {
    return { kind: 'unconfirmed', ...proof };
  }
  notes.push(proof);
  return outcome;
}

async function followAndConfirm(
  started: Started,
  options: RotateOptions,
  ports: RotatePorts,
  showProgress: ShowProgress,
  notes: string[],
): Promise<RotateOutcome> {
  const { secret, versionId, isOwn } = started;
  const { aws, clock, interrupted } = ports;
  showProgress(`${isOwn ? 'rotation started' : 'a rotation runs already'}, version ${versionId}`);
  const since = clock.now() - CLOCK_SKEW_MS - (isOwn ? 0 : LONGEST_ATTEMPT_MS);
  const log = aws.functionLog(secret.rotationFunctionArn ?? '');
  const readSteps = createStepReader(log, { versionId, since }, showProgress, notes);
  const end = await followRotation(started, options, { ...ports, readSteps }, showProgress);
  if (end !== undefined) {
    return end;
  }
  showProgress(`AWSCURRENT has moved to version ${versionId}`);
  const confirmed = interrupted.aborted
    ? explainInterruption(secret.name)
    : await confirmLogin(started, ports, showProgress);
  return isRevocation(versionId) ? await withRevocation(confirmed, started, ports, showProgress, notes) : confirmed;
}
