import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../lambda/rotation/errors.ts';
import config from '../../vitest.config.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DOCUMENTS = globSync(['*.md', 'docs/**/*.md', 'packages/client/README.md'], { cwd: ROOT });

/** The anchors that GitHub gives to headings: lower case, hyphens for spaces, no punctuation. */
function anchorsOf(document: string): string[] {
  return [...readFileSync(document, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the documents', () => {
  it.each(DOCUMENTS)('%s links only to existing files and headings', (document) => {
    const text = readFileSync(join(ROOT, document), 'utf8');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !/^https?:/.test(link));
    const dead = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? join(ROOT, document) : join(ROOT, dirname(document), path);
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(dead).toEqual([]);
  });

  it('that the advice of the function names exist', () => {
    const named = Object.values(FAILURES).flatMap(({ advice }) =>
      [...advice.matchAll(/docs\/[\w/-]+\.md/g)].map(String),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((document) => !existsSync(join(ROOT, document)))).toEqual([]);
  });

  it('include a README of at most 250 lines', () => {
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8').split('\n').length).toBeLessThanOrEqual(251);
  });
});

describe('the test runner', () => {
  it('runs every test file: one of its projects includes the file', () => {
    const projects = config.test?.projects ?? [];
    const patterns = projects.flatMap((project) =>
      typeof project === 'object' && 'test' in project ? (project.test?.include ?? []) : [],
    );
    const found = new Set(globSync(patterns, { cwd: ROOT }));
    const all = globSync('test/**/*.test.ts', { cwd: ROOT });
    expect(all.length).toBeGreaterThan(40);
    expect(all.filter((file) => !found.has(file)).map((file) => relative('test', file))).toEqual([]);
  });
});
