import { adviceOn } from '../../protocol/rotation/failures.ts';
import type { Explanation } from '../outcome/failure.ts';
import type { ReportedStep } from './logged-steps.ts';
import { howToFollow, type NotProven } from './outcome.ts';

/** Explains labels which show that the rotation ended without a new AWSCURRENT. */
export function explainLabels(code: 'abandoned' | 'pending-removed' | 'cancelled', name: string): NotProven {
  const texts = {
    // Somebody stored another value, or another rotation has moved AWSCURRENT.
    abandoned: [
      `Somebody stored another value in ${name} during the rotation, or another rotation moved AWSCURRENT. So this rotation has ended.`,
      `Find out with \`zilliz-rotation status ${name}\` whether the cluster accepts AWSCURRENT, then rotate again.`,
    ],
    'pending-removed': [
      `AWSPENDING was removed from the new version of ${name} during the rotation. ` +
        'Either somebody removed it, or the function released the version because the cluster ' +
        'refuses its credential, or because the last rotation of two users that take turns was too ' +
        'recent. AWSCURRENT did not move.',
      `Find out which credential is accepted with \`zilliz-rotation status ${name}\`, then rotate again.`,
    ],
    cancelled: [
      `Somebody turned off the rotation of ${name} (CancelRotateSecret) while it was running. AWSCURRENT did not move, and AWSPENDING stays on its version.`,
      `The cluster may already have the new credential. Move AWSCURRENT to the accepted one with \`zilliz-rotation repair ${name}\`.`,
    ],
  } as const;
  const [message, advice] = texts[code];
  return { kind: 'failed', retryable: false, code, message, advice };
}

export function explainRunning(name: string, { code, message, advice }: Explanation, last?: ReportedStep): NotProven {
  return {
    kind: 'running',
    code,
    message: `The rotation of ${name} continues in AWS. ${message} ${lastLogged(last)}`,
    advice: `${advice} ${howToFollow(name)}`,
  };
}

export function explainFailedStep(failed: ReportedStep, pendingRemoved: boolean, name: string): NotProven {
  const { step, failure } = failed;
  return {
    kind: 'failed',
    step,
    retryable: failure?.retryable === true,
    accepted: failure?.accepted,
    code: failure?.code ?? 'UNKNOWN',
    message: `${step} failed: ${failure?.message ?? 'the function gave no reason.'}`,
    advice: `${adviceOn(name, failure?.advice ?? '')} ${nextAfterFailure(failed, pendingRemoved, name)}`,
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

export function lastLogged(last: ReportedStep | undefined): string {
  return last === undefined ? '' : `The last log line says: ${last.text}.`;
}
