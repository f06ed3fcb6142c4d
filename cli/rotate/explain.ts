import type { Explanation } from '../outcome/failure.ts';
import type { ReportedStep } from './logged-steps.ts';
import type { NotProven } from './report.ts';

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
      `End it with \`zilliz-rotation repair ${name}\`, then repeat the command. ` +
      `To see why it failed, run \`zilliz-rotation status ${name}\`.`,
  };
}

export function explainInterruption(name: string, last?: ReportedStep): NotProven {
  return {
    kind: 'interrupted',
    code: 'interrupted',
    message: `The command was interrupted. A rotation of ${name} that has begun continues in AWS. ${lastLogged(last)}`,
    advice: howToFollow(name),
  };
}

/** Explains labels which show that the rotation ended without a new AWSCURRENT. */
export function explainLabels(code: 'abandoned' | 'pending-removed' | 'cancelled', name: string): NotProven {
  const [message, advice] = LABELS[code];
  return {
    kind: 'failed',
    retryable: false,
    code,
    message: message.replaceAll('NAME', () => name),
    advice: advice.replaceAll('NAME', () => name),
  };
}

const LABELS = {
  // Somebody stored another value, or another rotation has moved AWSCURRENT.
  abandoned: [
    'Somebody stored another value in NAME during the rotation, or another rotation moved AWSCURRENT. So this rotation has ended.',
    'Find out with `zilliz-rotation status NAME` whether the cluster accepts AWSCURRENT, then rotate again.',
  ],
  'pending-removed': [
    'AWSPENDING was removed from the new version of NAME during the rotation. ' +
      'Either somebody removed it, or the function released the version because the cluster ' +
      'refuses its credential, or because the last rotation of two users that take turns was too ' +
      'recent. AWSCURRENT did not move.',
    'Find out which credential is accepted with `zilliz-rotation status NAME`, then rotate again.',
  ],
  cancelled: [
    'Somebody turned off the rotation of NAME (CancelRotateSecret) while it was running. AWSCURRENT did not move, and AWSPENDING stays on its version.',
    'The cluster may already have the new credential. Move AWSCURRENT to the accepted one with `zilliz-rotation repair NAME`.',
  ],
} as const;

export function explainRunning(name: string, { code, message, advice }: Explanation, last?: ReportedStep): NotProven {
  return {
    kind: 'running',
    code,
    message: `The rotation of ${name} continues in AWS. ${message} ${lastLogged(last)}`,
    advice: `${advice} ${howToFollow(name)}`,
  };
}

export function howToFollow(name: string): string {
  return `See the state with \`zilliz-rotation status ${name}\`.`;
}

export function explainFailedStep(failed: ReportedStep, pendingRemoved: boolean, name: string): NotProven {
  const { step, failure } = failed;
  // The function does not know the name under which the operator finds the secret.
  const ofFunction = `${failure?.advice?.replaceAll(/\bSECRET\b/g, () => name) ?? ''}`;
  return {
    kind: 'failed',
    step,
    retryable: failure?.retryable === true,
    accepted: failure?.accepted,
    code: failure?.code ?? 'UNKNOWN',
    message: `${step} failed: ${failure?.message ?? 'the function gave no reason.'}`,
    advice: `${ofFunction} ${nextAfterFailure(failed, pendingRemoved, name)}`,
  };
}

function nextAfterFailure({ failure }: ReportedStep, pendingRemoved: boolean, name: string): string {
  if (pendingRemoved) {
    return `AWSPENDING is already removed, so this rotation needs no repair. After the cause is removed, start another with \`zilliz-rotation rotate ${name}\`.`;
  }
  if (failure?.retryable === true) {
    return `Secrets Manager retries the same version within the rotation window. ${howToFollow(name)}`;
  }
  return (
    'A retry fails in the same way until the cause is removed. ' +
    `After that, end this rotation with \`zilliz-rotation repair ${name}\`, then start another ` +
    `with \`zilliz-rotation rotate ${name}\`.`
  );
}

function lastLogged(last: ReportedStep | undefined): string {
  return last === undefined ? '' : `The last log line says: ${last.text}.`;
}
