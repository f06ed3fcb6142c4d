import { isUrgent } from '../examine/finding.ts';
import type { StatusEntry } from './examine-all.ts';

/** The most serious first. `urgent`: applications that read AWSCURRENT cannot log in. */
export const STATES = ['urgent', 'problem', 'undecided', 'refused', 'ok'] as const;

export function stateOf({ result, findings }: StatusEntry): (typeof STATES)[number] {
  if (findings.some(isUrgent)) {
    return 'urgent';
  }
  const worst = (['problem', 'undecided'] as const).find((state) =>
    findings.some(({ severity }) => severity === state),
  );
  return worst ?? (result.kind === 'refused' ? 'refused' : 'ok');
}

export function codesOf({ result, findings }: StatusEntry): readonly string[] {
  return [...(result.kind === 'refused' ? [result] : []), ...findings].map(({ code }) => code);
}

/** The state of a secret and the codes of its findings. */
export function titleOf(entry: StatusEntry): string {
  const codes = codesOf(entry);
  return `${entry.name}: ${stateOf(entry)}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`;
}
