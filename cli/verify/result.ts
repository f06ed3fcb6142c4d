import { ExitCode } from '../outcome/exit-code.ts';
import { printable } from '../terminal/text.ts';
import type { Row } from './json-schema.ts';
import type { Observation } from './observation.ts';
import type { Assumption } from './register/assumption.ts';
import { serviceOf } from './register/assumptions.ts';
import CITATIONS from './register/citations.json' with { type: 'json' };

const PAGE = 'docs/assumptions.md';
const FILES: Readonly<Record<string, string>> = CITATIONS;

export function registerRow(id: string, { behaviour }: Assumption, { verdict, seen }: Observation): Row {
  const code = verdict === 'differs' ? (FILES[id]?.split(' ') ?? []) : [];
  const page = `${PAGE}#${serviceOf(id).toLowerCase().replaceAll(',', '').replaceAll(' ', '-')}`;
  return { id, assumed: behaviour, seen, verdict, code, page };
}

/** `ok`: every check that was asked for holds. */
export function exitCodeOf(rows: readonly Row[], isRemoved: boolean): ExitCode {
  const verdicts = rows.map(({ verdict }) => verdict);
  if (!isRemoved || verdicts.includes('differs')) {
    return ExitCode.failed;
  }
  return verdicts.includes('undecided') ? ExitCode.unconfirmed : ExitCode.ok;
}

const ORDER: ReadonlyArray<Row['verdict']> = ['differs', 'undecided', 'holds', 'not checked'];

/** A table in Markdown, which an issue shows as a table. */
export function tableOf(rows: readonly Row[]): string {
  const counts = ORDER.map((each) => `${each}: ${rows.filter(({ verdict }) => verdict === each).length}`);
  const lines = rows
    .toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict))
    .map(({ id, assumed, seen, verdict, code, page }) => {
      const relies = code.length === 0 ? '' : `. Relied on by ${code.join(', ')}, see ${page}.`;
      return `| ${[`${id}: ${assumed}`, `${seen}${relies}`, verdict].map(cell).join(' | ')} |`;
    });
  const head = [`verify: ${counts.join(', ')}`, '', '| assumed | seen here | verdict |', '|---|---|---|'];
  return `${[...head, ...lines].join('\n')}\n`;
}

function cell(text: string): string {
  return printable(text).replaceAll('|', '\\|');
}
