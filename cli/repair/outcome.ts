import type { Examination } from '../examine/examination.ts';
import { blocksRotation, failureOfFinding } from '../examine/finding.ts';
import { findingsOf } from '../examine/findings.ts';
import { type Explanation, type Failure, failed } from '../outcome/failure.ts';

/** `repaired`: the command has changed something. In both cases, nothing blocks a rotation. */
export type RepairOutcome =
  | { readonly kind: 'in-order' | 'repaired' }
  | Failure
  | ({ readonly kind: 'unexpected' } & Explanation);

export interface RepairReport {
  readonly secretId: string;
  /** Before the first change. `undefined` if the secret could not be examined. */
  readonly found: Examination | undefined;
  /** The last one. */
  readonly examination: Examination | undefined;
  /** The steps as text. */
  readonly plan: readonly string[];
  readonly outcome: RepairOutcome;
}

export const CHANGES_AGAIN: Failure = failed(
  'changed-meanwhile',
  'The password or a label changes again and again, so another program changes them too.',
  'A rotation may be running. Run the command again.',
);

/** What `status` reports decides. Nothing is left that a plan could repair. */
export function verdict(examination: Examination, changed: boolean, now: number): RepairOutcome {
  const blocking = findingsOf(examination, now).filter(blocksRotation);
  const finding = blocking.find(({ severity }) => severity === 'problem') ?? blocking[0];
  return finding === undefined ? { kind: changed ? 'repaired' : 'in-order' } : failureOfFinding(finding);
}

/** The texts must not say that nothing was changed, because an earlier plan has moved labels. */
export function afterEarlierSteps<T extends Failure | Extract<RepairOutcome, Explanation>>(outcome: T): T {
  const correct = (text: string): string => text.replaceAll('Nothing was changed.', 'Nothing else was changed.');
  return {
    ...outcome,
    kind: outcome.kind === 'refused' ? 'failed' : outcome.kind,
    message: `Every step of the plan is done. ${correct(outcome.message)}`,
    advice: correct(outcome.advice),
  };
}
