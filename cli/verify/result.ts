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
}

const PAGE = 'docs/assumptions.md';

/** A row for each assumption of the register, in its order. */
export function rowsOf(observations: ReadonlyMap<string, Observation>): readonly Row[] {
  return Object.entries(ASSUMPTIONS).flatMap(([service, assumptions]) =>
    Object.entries(assumptions).map(([id, { behaviour, unchecked = '' }]): Row => {
      const unseen: Observation = { verdict: 'not checked', seen: `No check: ${unchecked}.` };
      const { verdict, seen } = observations.get(id) ?? unseen;
      const code = verdict === 'differs' ? (CITATIONS[id]?.split(' ') ?? []) : [];
      const page = `${PAGE}#${service.toLowerCase().replaceAll(',', '').replaceAll(' ', '-')}`;
      return { id, assumed: behaviour, seen, verdict, code, page };
    }),
  );
}

/** `ok`: every check that was asked for holds. */
export function exitCodeOf(rows: readonly Row[], isRemoved: boolean): ExitCode {
  const verdicts = rows.map(({ verdict }) => verdict);
  if (!isRemoved || verdicts.includes('differs')) {
    return ExitCode.failed;
  }
  return verdicts.includes('undecided') ? ExitCode.unconfirmed : ExitCode.ok;
}

const ORDER: readonly Verdict[] = ['differs', 'undecided', 'holds', 'not checked'];

/** A table in Markdown, which an issue shows as a table. */
export function tableOf(rows: readonly Row[]): string {
  const counts = ORDER.map((each) => `${each}: ${rows.filter(({ verdict }) => verdict === each).length}`);
  const lines = rows
    .toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict))
    .map(({ id, assumed, seen, verdict, code, page }) => {
      const relies = code.length === 0 ? '' : `. Relied on by ${code.join(', ')}, see ${page}.`;
      return `| ${[`${id}: ${assumed}`, `${seen}${relies}`, verdict].map(cell).join(' | ')} |`;
    });
  return [`verify: ${counts.join(', ')}`, '', '| assumed | seen here | verdict |', '|---|---|---|', ...lines, ''].join(
    '\n',
  );
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
