import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkLinks, linkOnSite, REPOSITORY } from '../../build/site/links.ts';
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
  ['performance.md', 'images/interruption.svg', `${REPOSITORY}/blob/main/docs/images/interruption.svg`],
])('a link of %s to %s leads to %s on the site', (page, link, expected) => {
  expect(linkOnSite(page, link)).toBe(expected);
});

describe('the check of the built site', () => {
  const site = mkdtempSync(join(tmpdir(), 'site-'));

  afterEach(() => rmSync(site, { recursive: true }));

  it('names each dead link to a page, a file and an anchor', () => {
    const files = {
      'index.html': '<h1 id="here">x</h1> <a href="#here"> <a href="/base/deep/page.html#part"> <a href="/base/">',
      'deep/page.html':
        '<h2 id="part">x</h2> <a href="/base/no.html"> <img src="/base/no.svg"> <a href="#no"> <a href="/base/#none"> <a href="https://example.com/no">',
    };
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(site, file)), { recursive: true });
      writeFileSync(join(site, file), text);
    }
    expect(() => checkLinks(site, '/base/')).toThrow(
      'deep/page.html: /base/no.html\ndeep/page.html: /base/no.svg\ndeep/page.html: #no\ndeep/page.html: /base/#none',
    );
  });
});
