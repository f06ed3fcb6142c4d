import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { linkOnSite, REPOSITORY } from '../../build/site/links.ts';
import { sidebar } from '../../build/site/sidebar.ts';
import { PROJECT } from '../../local/project.ts';

const DOCS = join(PROJECT, 'docs');

it('the sidebar of the site has each page of docs/ once', () => {
  const links = sidebar(DOCS).flatMap(({ items }) => items.map(({ link }) => link));
  const pages = globSync('**/*.md', { cwd: DOCS, exclude: ['README.md'] }).map(
    (page) => `/${page.replaceAll('\\', '/')}`,
  );
  expect(links.filter((link) => link.startsWith('/')).toSorted()).toEqual(pages.toSorted());
});

it.each([
  ['audit.md', 'cli.md#json', '/cli.md#json'],
  ['decisions/protocol.md', '../cli.md', '/cli.md'],
  ['audit.md', '#threats', '#threats'],
  ['audit.md', 'https://example.com/', 'https://example.com/'],
  ['audit.md', '../README.md#consume', `${REPOSITORY}/blob/main/README.md#consume`],
  ['README.md', 'decisions', `${REPOSITORY}/tree/main/docs/decisions`],
  ['cli.md', 'schemas/status.schema.json', `${REPOSITORY}/blob/main/docs/schemas/status.schema.json`],
])('a link of %s to %s leads to %s on the site', (page, link, expected) => {
  expect(linkOnSite(page, link)).toBe(expected);
});
