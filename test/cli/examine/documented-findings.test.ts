import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

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

it('docs/operations.md has an entry for each finding', () => {
  const [, after = ''] = read('docs/operations.md').split('## Start here');
  const cells = after.split('3. If an alarm')[0]?.matchAll(/^ *\| (`[^|]+`) \|/gm) ?? [];
  const listed = [...cells].flatMap(([, cell = '']) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code));

  expect(CODES.length).toBeGreaterThan(15);
  expect(listed.toSorted()).toEqual([...new Set([...CODES, 'undecided'])].toSorted());
});
