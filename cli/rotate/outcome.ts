import { adviceOn } from '../../protocol/rotation/failures.ts';
import type { LoggedFailure } from '../../telemetry/log-line.ts';
import type { Explanation } from '../outcome/failure.ts';
import type { RotateReport } from './json-schema.ts';

/** Why a secret did not rotate, or why the command cannot prove that it did. */
export interface NotProven extends Explanation {
  /**
   * `refused`: no rotation started. `failed`: a step failed, or the labels show that the rotation
   * ended without a new AWSCURRENT. `running`: still running at the time limit, or the command
   * could no longer ask AWS. `unexpected`: a fault of the command, so a rotation may run.
   */
  readonly kind: Exclude<RotateReport['outcome'], 'rotated'>;
  readonly step?: string;
  /** Absent if no rotation failed. */
  readonly retryable?: boolean;
  readonly accepted?: string | undefined;
}

export type RotateOutcome =
  | { readonly kind: 'rotated'; readonly login: NonNullable<RotateReport['login']> }
  | NotProven;

/** The function has tested a new credential whose login the command could not confirm. */
export function isComplete(outcome: RotateReport['outcome']): boolean {
  return outcome === 'rotated' || outcome === 'unconfirmed';
}

/** What the log of the function says last about a rotation. */
export interface ReportedStep {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
  readonly step: string;
  /** Until the next attempt starts. */
  readonly hasFailed: boolean;
  readonly failure: LoggedFailure | undefined;
}

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
  const texts = {
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

function lastLogged(last: ReportedStep | undefined): string {
  return last === undefined ? '' : `The last log line says: ${last.text}.`;
}

export function howToFollow(name: string): string {
  return `See the state with \`zilliz-rotation status ${name}\`.`;
}
