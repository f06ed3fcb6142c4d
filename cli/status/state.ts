import { type Finding, isUrgent } from '../examine/finding.ts';
import type { Explanation } from '../outcome/failure.ts';
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

/** The findings and the error. A problem comes first, because it may be the cause of the error. */
export function issuesOf({
  result,
  findings,
}: StatusEntry): ReadonlyArray<Explanation & { readonly severity: string }> {
  const isProblem = ({ severity }: Finding): boolean => severity === 'problem';
  const error = result.kind === 'refused' ? [{ ...result, severity: 'refused' }] : [];
  return [...findings.filter(isProblem), ...error, ...findings.filter((finding) => !isProblem(finding))];
}

export function codesOf(entry: StatusEntry): readonly string[] {
  return issuesOf(entry).map(({ code }) => code);
}

/** The state of a secret and the codes of its findings. */
export function titleOf(entry: StatusEntry): string {
  const codes = codesOf(entry);
  return `${entry.name}: ${stateOf(entry)}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`;
}
