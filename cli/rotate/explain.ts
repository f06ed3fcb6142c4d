import { unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import type { AwsError } from '../aws/aws-error.ts';
import type { Explanation } from '../outcome/failure.ts';
import { stepLine } from './render.ts';
import type { NotProven, StepRun } from './report.ts';

/**
 * How a rotation ended, or why the command does not follow it any more.
 *
 * - `promoted`: `from` had AWSCURRENT before.
 * - `abandoned`: somebody stored another value.
 * - `pending-removed`: somebody, or the function, removed AWSPENDING from the version.
 * - `cancelled`: somebody turned rotation off.
 * - `not-running`: the rotation began before this command, and no attempt of it runs.
 * - `unobservable`: AWS no longer answers this caller.
 */
export type RotationEnd =
  | { kind: 'promoted'; from: string | undefined }
  | { kind: 'abandoned' | 'pending-removed' | 'cancelled' | 'not-running' | 'timed-out' | 'interrupted' }
  | { kind: 'step-failed'; run: StepRun; pendingRemoved: boolean }
  | { kind: 'unobservable'; error: AwsError };

/** Explains why Secrets Manager starts no rotation while another one is unfinished. */
export function explainIncomplete(name: string, pending = '(no longer visible)'): Explanation {
  return {
    code: 'previous-incomplete',
    message:
      `A previous rotation of ${name} is not complete: ` +
      `AWSPENDING is on version ${pending}, which is not AWSCURRENT. ` +
      'Secrets Manager starts no other rotation before this one ends, and retries it within its ' +
      'rotation window.',
    advice:
      'Wait for the retry. ' +
      `To continue at once, run \`zilliz-rotation repair ${name}\`, then repeat the command. ` +
      `To see which password is accepted, run \`zilliz-rotation status ${name}\`.`,
  };
}

/** Explains a rotation that did not promote its version, or whose end the command did not see. */
export function explainEnd(
  end: Exclude<RotationEnd, { kind: 'promoted' }>,
  runs: readonly StepRun[],
  name: string,
  versionId: string,
): NotProven {
  switch (end.kind) {
    case 'step-failed':
      return explainFailedStep(end, name);
    case 'abandoned':
      return rotationEnded(
        end.kind,
        `Somebody stored another value in ${name} during the rotation, so Secrets Manager abandoned the rotation. That value is AWSCURRENT now.`,
        `Find out with \`zilliz-rotation status ${name}\` whether the cluster accepts it, then rotate again.`,
      );
    case 'pending-removed':
      return rotationEnded(
        end.kind,
        `AWSPENDING was removed from the new version of ${name} during the rotation. ` +
          'Either somebody removed it, or the function released the version because the cluster ' +
          'refuses its password, or because the last rotation of two users that take turns was too ' +
          'recent. AWSCURRENT did not move.',
        `Find out which password is accepted with \`zilliz-rotation status ${name}\`, then rotate again.`,
      );
    case 'cancelled':
      return rotationEnded(
        end.kind,
        `Somebody turned off the rotation of ${name} (CancelRotateSecret) while it was running. AWSCURRENT did not move, and AWSPENDING stays on its version.`,
        `The cluster may already have the new password. Move AWSCURRENT to the accepted password with \`zilliz-rotation repair ${name}\`.`,
      );
    case 'not-running':
      return { kind: 'refused', ...explainIncomplete(name, versionId) };
    case 'timed-out':
      return {
        kind: 'running',
        code: end.kind,
        message: `The rotation of ${name} (version ${versionId}) was still running at the end of the time limit. ${lastLogged(runs)}`,
        advice: `Nothing was stopped. ${howToFollow(name)} To wait longer, give --timeout.`,
      };
    case 'unobservable':
      return {
        kind: 'running',
        code: end.error.kind,
        message: `The rotation of ${name} (version ${versionId}) continues, and this command can no longer watch it. ${end.error.message}`,
        advice: `${end.error.advice} ${howToFollow(name)}`,
      };
    case 'interrupted':
      return {
        kind: 'interrupted',
        code: end.kind,
        message: `The command was interrupted. The rotation of ${name} (version ${versionId}) continues in AWS. ${lastLogged(runs)}`,
        advice: howToFollow(name),
      };
  }
}

/**
 * Explains Ctrl-C before RotateSecret or after the promotion.
 *
 * @param when `unfinished`: a rotation that this command did not start had begun
 */
export function explainInterruption(when: 'not-started' | 'unfinished' | 'promoted', name: string): NotProven {
  const states = {
    'not-started': `The command was interrupted before it started a rotation of ${name}.`,
    unfinished: `The command was interrupted. A rotation of ${name} that ran already is unfinished, and continues in AWS.`,
    promoted: `The command was interrupted. The rotation of ${name} is complete: AWSCURRENT is the new version. The command did not confirm its login.`,
  };
  return { kind: 'interrupted', code: 'interrupted', message: states[when], advice: howToFollow(name) };
}

/** Explains Ctrl-C before the command called RotateSecret for a secret. */
export function explainNotStarted(secret: RotatingSecret): NotProven {
  return explainInterruption(unfinishedVersion(secret) === undefined ? 'not-started' : 'unfinished', secret.name);
}

export function howToFollow(name: string): string {
  return `See the state with \`zilliz-rotation status ${name}\`.`;
}

function rotationEnded(code: string, message: string, advice: string): NotProven {
  return { kind: 'failed', retryable: false, code, message, advice };
}

type StepFailed = Extract<RotationEnd, { kind: 'step-failed' }>;

function explainFailedStep(end: StepFailed, name: string): NotProven {
  const { step, failure } = end.run;
  // The function does not know the name under which the operator finds the secret.
  const ofFunction = `${failure?.advice?.replaceAll(/\bSECRET\b/g, () => name) ?? ''}`;
  return {
    kind: 'failed',
    step,
    retryable: failure?.retryable === true,
    inForce: failure?.inForce,
    code: failure?.code ?? 'UNKNOWN',
    message: `${step} failed: ${failure?.message ?? 'the function gave no reason.'}`,
    advice: `${ofFunction} ${nextAfterFailure(end, name)}`,
  };
}

function nextAfterFailure({ run: { attempt, failure }, pendingRemoved }: StepFailed, name: string): string {
  const isTooRecent = failure?.code === 'ROTATED_TOO_RECENTLY';
  if (isTooRecent || pendingRemoved) {
    const noRepair = 'AWSPENDING is already removed, so this rotation needs no repair.';
    // The advice of the function says when to rotate again.
    return isTooRecent
      ? noRepair
      : `${noRepair} After the cause is removed, start another with \`zilliz-rotation rotate ${name}\`.`;
  }
  if (failure?.retryable === true) {
    const attempts =
      attempt === 1 ? 'This command saw no retry while it waited.' : `The rotation has failed ${attempt} times.`;
    return `Secrets Manager retries the same version within the rotation window. ${attempts} ${howToFollow(name)}`;
  }
  return (
    'A retry fails in the same way until the cause is removed. ' +
    `After that, end this rotation with \`zilliz-rotation repair ${name}\`, then start another ` +
    `with \`zilliz-rotation rotate ${name}\`.`
  );
}

function lastLogged(runs: readonly StepRun[]): string {
  const run = runs.at(-1);
  if (run === undefined) {
    return 'The function has not logged a step yet.';
  }
  const lambda =
    'If no line follows, Lambda stopped the function (time or memory), and Secrets Manager retries the rotation.';
  return `The last log line says: ${stepLine(run)}.${run.outcome === 'running' ? ` ${lambda}` : ''}`;
}
