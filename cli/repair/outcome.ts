import { ExitCode } from '../outcome/exit-code.ts';
import type { Failure } from '../outcome/failure.ts';

export type RepairOutcome =
  | { readonly kind: 'in-order' }
  /** AWSCURRENT is this version, and the cluster has just accepted its password. */
  | { readonly kind: 'repaired'; readonly versionId: string }
  | Failure;

/** The password in force, or a label, has changed since the plan was made. */
export interface Outdated {
  readonly kind: 'outdated';
  /** Whether the command has moved labels. */
  readonly changed: boolean;
  /** The outcome that the command reports if it does not plan again. */
  readonly failure: Failure;
}

export function exitCodeOf({ kind }: RepairOutcome): ExitCode {
  return kind === 'in-order' || kind === 'repaired' ? ExitCode.ok : ExitCode[kind];
}

/**
 * Corrects the texts of a failure after the command planned again. They must not say that nothing
 * was changed, because the steps of the earlier plan have moved labels.
 */
export function afterEarlierSteps<T extends RepairOutcome>(outcome: T): T {
  if (!('code' in outcome)) {
    return outcome;
  }
  const correct = (text: string): string => text.replaceAll('Nothing was changed.', 'Nothing else was changed.');
  return {
    ...outcome,
    kind: outcome.kind === 'refused' ? 'failed' : outcome.kind,
    message: `This command has already moved labels. ${correct(outcome.message)}`,
    advice: `${correct(outcome.advice)}`,
  };
}
