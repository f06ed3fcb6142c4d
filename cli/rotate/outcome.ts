import type { Explanation } from '../outcome/failure.ts';
import type { ProvenLogin, RotateReport } from './json-schema.ts';

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

export type RotateOutcome = { readonly kind: 'rotated'; readonly login: ProvenLogin } | NotProven;

/** The function has tested a new credential whose login the command could not confirm. */
export function isComplete(outcome: RotateReport['outcome']): boolean {
  return outcome === 'rotated' || outcome === 'unconfirmed';
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

/** @param last what the log says last, as a sentence */
export function explainInterruption(name: string, last = ''): NotProven {
  return {
    kind: 'interrupted',
    code: 'interrupted',
    message: `The command was interrupted. A rotation of ${name} that has begun continues in AWS. ${last}`,
    advice: howToFollow(name),
  };
}

export function howToFollow(name: string): string {
  return `See the state with \`zilliz-rotation status ${name}\`.`;
}
