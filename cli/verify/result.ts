import { ASSUMPTIONS } from '../../protocol/assumptions/assumptions.ts';
import { CITATIONS } from '../../protocol/assumptions/citations.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import type { Explanation } from '../outcome/failure.ts';
import { printable } from '../terminal/text.ts';
import { notChecked, type Observation, type Verdict } from './check.ts';

/** One assumption of the register, and what this account and cluster showed. */
export interface Row {
  readonly id: string;
  readonly assumed: string;
  readonly seen: string;
  readonly verdict: Verdict;
  /** The files that rely on it, if it differs. */
  readonly code: readonly string[];
  readonly page: string;
}

type Observations = ReadonlyMap<string, Observation>;

const PAGE = 'docs/assumptions.md';

/** A row for each assumption of the register, in its order. */
export function rowsOf(observations: Observations): readonly Row[] {
  return Object.entries(ASSUMPTIONS).flatMap(([service, assumptions]) =>
    Object.entries(assumptions).map(([id, { behaviour, unchecked = 'no check' }]): Row => {
      const unseen = notChecked(`Cannot be checked from outside: ${unchecked}.`);
      const { verdict, seen } = observations.get(id) ?? unseen;
      const code = verdict === 'differs' ? (CITATIONS[id]?.split(' ') ?? []) : [];
      const page = `${PAGE}#${service.toLowerCase().replaceAll(',', '').replaceAll(' ', '-')}`;
      return { id, assumed: behaviour, seen, verdict, code, page };
    }),
  );
}

/** An assumption that was left out on purpose does not count. One that a failure hid does. */
export function exitCodeOf(observations: Observations, isRemoved: boolean): ExitCode {
  const seen = [...observations.values()];
  if (!isRemoved || seen.some(({ verdict }) => verdict === 'differs')) {
    return ExitCode.failed;
  }
  return seen.some(({ isBlocked }) => isBlocked) ? ExitCode.unconfirmed : ExitCode.ok;
}

export function countsOf(rows: readonly Row[]): { holds: number; differs: number; notChecked: number } {
  const count = (verdict: Verdict): number => rows.filter((row) => row.verdict === verdict).length;
  return { holds: count('holds'), differs: count('differs'), notChecked: count('not checked') };
}

const ORDER: readonly Verdict[] = ['differs', 'holds', 'not checked'];

/** A table in Markdown, which an issue shows as a table. */
export function tableOf(rows: readonly Row[], observations: Observations): string {
  const counts = countsOf(rows);
  const checkable = rows.filter(({ id }) => observations.has(id));
  const lines = checkable
    .toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict))
    .map(({ id, assumed, seen, verdict, code, page }) => {
      const relies = code.length === 0 ? '' : `. Relied on by ${code.join(', ')}, see ${page}.`;
      return `| ${[`${id}: ${assumed}`, `${seen}${relies}`, verdict].map(cell).join(' | ')} |`;
    });
  return [
    `verify: ${counts.holds} hold, ${counts.differs} differ, ${counts.notChecked} not checked`,
    '',
    '| assumed | seen here | verdict |',
    '|---|---|---|',
    ...lines,
    '',
    `${rows.length - checkable.length} of those that are not checked cannot be seen from outside (${PAGE}).`,
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
