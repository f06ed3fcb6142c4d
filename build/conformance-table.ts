import { globSync, readFileSync } from 'node:fs';
import { table } from './pages.ts';

const SUITE = new URL('../test/conformance/', import.meta.url);

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

/** What each client does in each case of the conformance suite, for docs/applications.md. */
export function conformanceTable(): string {
  const clients = Object.entries(read('clients.json') as Record<string, string>);
  const files = globSync('cases/*.json', { cwd: SUITE }).sort();
  const rows = files.map((file) => {
    const { title, steps } = read(file) as Case;
    // The first call only connects.
    const calls = steps.filter(({ call }) => call !== undefined).slice(1);
    const promise = calls.map(({ sees = 'ok' }) => WORDS[sees]);
    const exceptions = clients.flatMap(([client, name]) => {
      const [deviation] = calls.flatMap(({ except }) => except?.[client] ?? []);
      return deviation === undefined ? [] : `${name}: ${WORDS[deviation]}`;
    });
    return [title, [...new Set(promise)].join(', then '), exceptions.join('. ')];
  });
  return table(['case', 'calls', 'exceptions'], rows);
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, SUITE), 'utf8'));
}
