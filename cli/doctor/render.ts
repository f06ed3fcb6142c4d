import type { ExitCode } from '../outcome/exit-code.ts';
import { paragraph } from '../terminal/text.ts';
import type { CheckResult, CheckStatus } from './check.ts';

const STATUSES: readonly CheckStatus[] = ['fail', 'warning', 'unknown', 'pass'];

export function doctorText(title: string, results: readonly CheckResult[]): string {
  const counts = countsOf(results);
  const summary = STATUSES.map((status) => `${counts[status]} ${status}`).join(', ');
  return paragraph(
    `${title}: ${summary}. Checked from this machine, unless a line says otherwise.`,
    results.flatMap(linesOf),
  );
}

function linesOf({
  status,
  check,
  reason,
  fix,
  madeBy,
}: CheckResult): readonly (readonly [key: string, text: string])[] {
  const source = madeBy === 'function' ? ' (seen by the function)' : '';
  return [[status, `${check}: ${reason}${source}`], ...(fix === undefined ? [] : [['', fix] as const])];
}

/** The document of `--json`. */
export function doctorJson(
  secretId: string | undefined,
  results: readonly CheckResult[],
  exitCode: ExitCode,
): Record<string, unknown> {
  const checks = results.map(({ fix, ...result }) => ({ ...result, fix: fix ?? null }));
  return { command: 'doctor', exitCode, secret: secretId ?? null, counts: countsOf(results), checks };
}

function countsOf(results: readonly CheckResult[]): Readonly<Record<CheckStatus, number>> {
  const count = (status: CheckStatus): number => results.filter((result) => result.status === status).length;
  return { fail: count('fail'), warning: count('warning'), unknown: count('unknown'), pass: count('pass') };
}
