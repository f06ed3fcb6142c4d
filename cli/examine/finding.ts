import { type Explanation, endWith } from '../outcome/failure.ts';

/** `problem`: somebody must act. `notice`: no action is needed. `undecided`: not known here. */
export interface Finding extends Explanation {
  readonly severity: 'problem' | 'notice' | 'undecided';
}

export function problem(code: string, message: string, advice: string): Finding {
  return { severity: 'problem', code, message, advice };
}

export function notice(code: string, message: string, advice: string): Finding {
  return { severity: 'notice', code, message, advice };
}

export function undecided(message: string, advice: string): Finding {
  return { severity: 'undecided', code: 'undecided', message, advice };
}

/** The codes of all findings but those of the rotation function (`FailureCode`). */
export const FINDING_CODES: readonly string[] = [
  'authorization-off',
  'current-not-in-force',
  'endpoint-not-pinned',
  'form-not-pinned',
  'function-absent',
  'function-not-invocable',
  'key-orphans',
  'key-quota',
  'keys-not-deleted',
  'labels-full',
  'marked-for-deletion',
  'no-schedule',
  'none-in-force',
  'not-configured',
  'other-user-not-in-force',
  'other-user-unlabelled',
  'overdue',
  'roles-differ',
  'rotation-cancelled',
  'rotation-failed',
  'rotation-incomplete',
  'rotation-off',
  'rotation-off-on-purpose',
  'same-user',
  'stale-copies',
  'undecided',
  'unusable-secret',
  'user-not-pinned',
];

/** Applications that read AWSCURRENT cannot log in. */
const URGENT: readonly string[] = ['current-not-in-force', 'marked-for-deletion', 'none-in-force', 'unusable-secret'];

export function isUrgent({ code }: Finding): boolean {
  return URGENT.includes(code);
}

const RANKS = { problem: 1, undecided: 2, notice: 3 } as const;

export function mostSeriousFirst(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => RANKS[a.severity] - RANKS[b.severity]);
}

/** Problems that make no rotation fail. */
const HARMLESS: readonly string[] = ['no-schedule', 'overdue', 'roles-differ', 'rotation-off'];

/** Whether the next rotation fails, or may fail, while the secret has this finding. */
export function blocksRotation({ severity, code }: Finding): boolean {
  return severity !== 'notice' && !HARMLESS.includes(code);
}

/**
 * Ends a command because of a finding, before any change.
 *
 * @param kind unless it is not known whether the finding is a problem
 * @throws FailureError
 */
export function endWithFinding({ severity, code, message, advice }: Finding, kind: 'failed' | 'refused'): never {
  endWith({
    kind: severity === 'undecided' ? 'unconfirmed' : kind,
    code,
    message,
    advice: `Nothing was changed. ${advice}`,
  });
}
