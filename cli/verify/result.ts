import { ASSUMPTIONS } from '../../protocol/assumptions/assumptions.ts';
import { CITATIONS } from '../../protocol/assumptions/citations.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import type { Explanation } from '../outcome/failure.ts';
import { printable } from '../terminal/text.ts';
import type { Observation, Verdict } from './check.ts';

/** One assumption of the register, and what this account and cluster showed. */
export interface Row {
  readonly id: string;
  readonly assumed: string;
  readonly seen: string;
  readonly verdict: Verdict;
  /** The files that rely on it, if it differs. */
  readonly code: readonly string[];
  readonly page: string;
  readonly isBlocked: boolean;
  /** Whether a check exists. */
  readonly isCheckable: boolean;
}

const PAGE = 'docs/assumptions.md';

/** A row for each assumption of the register, in its order. */
export function rowsOf(observations: ReadonlyMap<string, Observation>): readonly Row[] {
  return Object.entries(ASSUMPTIONS).flatMap(([service, assumptions]) =>
    Object.entries(assumptions).map(([id, { behaviour, unchecked = 'no check' }]): Row => {
      const observation = observations.get(id);
      const {
        verdict,
        seen,
        isBlocked = false,
      } = observation ?? {
        verdict: 'not checked' as const,
        seen: `Cannot be checked from outside: ${unchecked}.`,
      };
      return {
        id,
        assumed: behaviour,
        seen,
        verdict,
        code: verdict === 'differs' ? (CITATIONS[id]?.split(' ') ?? []) : [],
        page: `${PAGE}#${service.toLowerCase().replaceAll(',', '').replaceAll(' ', '-')}`,
        isBlocked,
        isCheckable: observation !== undefined,
      };
    }),
  );
}

/** An assumption that was left out on purpose does not count. One that a failure hid does. */
export function exitCodeOf(rows: readonly Row[], isRemoved: boolean): ExitCode {
  if (!isRemoved || rows.some(({ verdict }) => verdict === 'differs')) {
    return ExitCode.failed;
  }
  return rows.some(({ isBlocked }) => isBlocked) ? ExitCode.unconfirmed : ExitCode.ok;
}

export function countsOf(rows: readonly Row[]): { holds: number; differs: number; notChecked: number } {
  const count = (verdict: Verdict): number => rows.filter((row) => row.verdict === verdict).length;
  return { holds: count('holds'), differs: count('differs'), notChecked: count('not checked') };
}

const ORDER: readonly Verdict[] = ['differs', 'holds', 'not checked'];

/** A table in Markdown, which an issue shows as a table. */
export function tableOf(rows: readonly Row[]): string {
  const { holds, differs, notChecked } = countsOf(rows);
  const checkable = rows.filter(({ isCheckable }) => isCheckable);
  const lines = checkable
    .toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict))
    .map(({ id, assumed, seen, verdict, code, page }) => {
      const relies = code.length === 0 ? '' : `. Relied on by ${code.join(', ')}, see ${page}.`;
      return `| ${[`${id}: ${assumed}`, `${seen}${relies}`, verdict].map(cell).join(' | ')} |`;
    });
  const others = rows.length - checkable.length;
  return [
    `verify: ${holds} hold, ${differs} differ, ${notChecked} not checked`,
    '',
    '| assumed | seen here | verdict |',
    '|---|---|---|',
    ...lines,
    '',
    `${others} of those that are not checked cannot be seen from outside (${PAGE}).`,
    '',
  ].join('\n');
}

function cell(text: string): string {
  return printable(text).replaceAll('|', '\\|');
}

/** Names nothing, because the document may be attached to an issue. */
export function errorOf({ code }: Explanation): Explanation {
  return {
    code,
    message: 'The text on stderr says why.',
    advice: 'Do what that text says. It names secrets and users.',
  };
}
