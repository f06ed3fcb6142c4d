import { globSync, readFileSync, writeFileSync } from 'node:fs';

const PAGE = new URL('../docs/applications.md', import.meta.url);
const SUITE = new URL('../test/conformance/', import.meta.url);
const TABLE = /(<!-- conformance -->\n)[\s\S]*?(<!-- end of conformance -->)/;

/** The part of a case that the table shows. test/conformance/case.ts has the whole format. */
interface Case {
  readonly title: string;
  readonly steps: readonly {
    readonly call?: number;
    readonly sees?: string;
    readonly except?: Readonly<Record<string, string>>;
  }[];
}

const WORDS: Readonly<Record<string, string>> = {
  ok: 'succeed',
  waits: 'wait',
  refused: 'fail: refused',
  unavailable: 'fail: unavailable',
  other: 'fail: another error',
};

/** Writes what each client does in each case of the conformance suite into the page. */
export function writeConformanceTable(): void {
  writeFileSync(PAGE, withConformanceTable(readFileSync(PAGE, 'utf8')));
}

/** The page with a new table between `<!-- conformance -->` and `<!-- end of conformance -->`. */
export function withConformanceTable(page: string): string {
  const clients = Object.entries(read('clients.json') as Record<string, string>);
  const files = globSync('cases/*.json', { cwd: SUITE }).sort();
  const rows = files.map((file) => {
    const { title, steps } = read(file) as Case;
    // The first call only connects.
    const calls = steps.filter(({ call }) => call !== undefined).slice(1);
    const promise = calls.map(({ sees = 'ok' }) => WORDS[sees]);
    const cells = clients.map(([client]) => {
      const deviations = calls.flatMap(({ except }) => except?.[client] ?? []);
      return deviations.length === 0 ? 'yes' : `no, ${WORDS[deviations[0] ?? '']}`;
    });
    return [title, [...new Set(promise)].join(', then '), ...cells];
  });
  const heads = ['case', 'calls', ...clients.map(([, title]) => title)];
  const lines = [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return page.replace(TABLE, (_, begin: string, end: string) => `${begin}\n${lines.join('\n')}\n\n${end}`);
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, SUITE), 'utf8'));
}
