import { explainFault } from '../outcome/failure.ts';
import type { SelectedSecret } from '../select/search.ts';
import { needsAnother, notesOnReplaced } from './after-leak.ts';
import { type Checked, checkSecret } from './check-secret.ts';
import { followRotation } from './follow-rotation.ts';
import type { RotateReport } from './json-schema.ts';
import { explainInterruption, isComplete, type RotateOutcome } from './outcome.ts';
import { checkCurrent, proveRotation } from './prove-rotation.ts';
import { reportOf } from './report.ts';
import type { RotateOptions } from './rotate-definition.ts';
import type { RotatePorts } from './rotate-ports.ts';
import { type Started, startRotation } from './start-rotation.ts';

export interface SecretToRotate extends SelectedSecret {
  /** As the plan has read them. */
  readonly users?: Checked['users'];
}

/**
 * Rotates one secret as often as the options ask. Stops after a rotation that is not complete.
 *
 * @returns a report of each rotation
 */
export async function rotateSecret(
  selected: SecretToRotate,
  options: RotateOptions,
  ports: RotatePorts,
): Promise<readonly RotateReport[]> {
  const reports: RotateReport[] = [];
  for (;;) {
    const { report, started } = await rotateOnce(selected, options, ports);
    // After the test of a new schedule, nothing runs and nothing has rotated.
    if (started?.isOwn === false && report.error?.code === 'pending-removed') {
      continue;
    }
    reports.push(report);
    const isEnough = started === undefined || !needsAnother(started, reports.length, options);
    if (isEnough || !isComplete(report.outcome)) {
      return reports;
    }
  }
}

/**
 * Checks a secret, starts a rotation, follows it to its end, and proves the login. Reports every
 * outcome, a fault of the command too, because a fault with one secret must not hide the reports of
 * others.
 */
async function rotateOnce(
  selected: SecretToRotate,
  options: RotateOptions,
  ports: RotatePorts,
): Promise<{ readonly report: RotateReport; readonly started?: Started }> {
  const { secretId } = selected;
  const { clock, interrupted } = ports;
  const began = clock.now();
  const notes: string[] = [];
  let known: Partial<RotateReport> = {};
  const report = (outcome: RotateOutcome): RotateReport =>
    reportOf(secretId, outcome, { ...known, notes, durationMs: clock.now() - began });
  try {
    const answer = await checkSecret(selected, ports);
    if (answer.kind === 'refused') {
      return { report: report(interrupted.aborted ? explainInterruption(secretId) : answer) };
    }
    // The plan knew the users, if AWS does not tell the configuration now.
    const checked = { ...answer, users: answer.users ?? selected.users };
    const { secret } = checked;
    known = { arn: secret.arn, previousVersionId: checked.previous.versionId };
    const started = await startRotation(checked, options, ports);
    if (started.kind !== 'started') {
      return { report: report(interrupted.aborted ? explainInterruption(secret.name) : started) };
    }
    known = { arn: secret.arn, versionId: started.versionId, previousVersionId: started.previous.versionId };
    const end = await followRotation(started, options, ports, notes);
    const outcome =
      end === undefined ? await proveRotation(started, ports, notes) : await checkCurrent(end, started, ports);
    if (isComplete(outcome.kind)) {
      notes.push(...notesOnReplaced(started, options));
    }
    return { report: report(outcome), started };
  } catch (error) {
    return { report: report({ kind: 'unexpected', ...explainFault(error, secretId) }) };
  }
}
