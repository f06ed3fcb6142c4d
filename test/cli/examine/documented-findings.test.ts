import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FINDING_CODES } from '../../../cli/examine/finding.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** The codes in the code of the command. */
const CODES = readdirSync(new URL('../../../cli/examine', import.meta.url))
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => [
    ...read(`cli/examine/${file}`).matchAll(
      /(?:\b(?:problem|notice)\(|\? problem : notice\)\()\s*'([a-z-]+)'|code: '([a-z]+-not-pinned|same-user)'/g,
    ),
  ])
  .map(([, code, ofPin = '']) => code ?? ofPin);

it('the first table of docs/operations.md links an entry for each finding', () => {
  const page = read('docs/operations.md');
  const [, after = ''] = page.split('## Start here');
  const rows = after.split('3. If an alarm')[0]?.matchAll(/^ *\| (`.+?) \|/gm) ?? [];
  const signs = page.matchAll(/^\*\*See:\*\* (.*?)\n\n/gms);
  const codesIn = (texts: Iterable<RegExpExecArray>): string[] =>
    [...texts].flatMap(([, text = '']) => [...text.matchAll(/`([a-z-]+)`/g)].map(([, code = '']) => code));
  const linked = codesIn(rows);

  expect(CODES.length).toBeGreaterThan(15);
  expect([...CODES, 'undecided'].filter((code) => !linked.includes(code))).toEqual([]);
  // The other codes are those of `rotate`. A word without a hyphen is a subcommand or a finding.
  const known = [...CODES, 'previous-incomplete', 'not-invocable'];
  expect([...linked, ...codesIn(signs)].filter((code) => code.includes('-') && !known.includes(code))).toEqual([]);
  expect(FINDING_CODES).toEqual([...new Set([...CODES, 'undecided'])].toSorted());
});
