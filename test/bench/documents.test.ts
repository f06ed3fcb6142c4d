import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { documents } from '../../bench/documents.ts';
import { withBlocks } from '../../bench/pages/generated-block.ts';
import { PROJECT } from '../../local/project.ts';

it.each([...documents()])('%s shows the last results. If not, run npm run generate', (path, content) => {
  expect(readFileSync(join(PROJECT, path), 'utf8')).toBe(content);
});

it('only the named blocks of a page are replaced', () => {
  const page = 'before\n<!-- bench:a -->\nobsolete\n<!-- end of bench:a -->\nafter\n';
  expect(withBlocks(page, { a: '| new |' })).toBe(
    'before\n<!-- bench:a -->\n\n| new |\n\n<!-- end of bench:a -->\nafter\n',
  );
});

it('a page without the block is refused', () => {
  expect(() => withBlocks('', { cost: '' })).toThrow('The page has no block <!-- bench:cost -->');
});
