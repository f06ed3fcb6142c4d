import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import config from '../../vitest.config.ts';
import { isDead, linksIn } from '../support/links.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DOCUMENTS = globSync(['*.md', 'docs/**/*.md', 'packages/client/README.md', 'python/README.md'], { cwd: ROOT });

const PAGES_WITH_PATHS = ['CONTRIBUTING.md', 'docs/architecture.md', 'docs/never-locked-out.md'];

/** The paths in the code spans of a page, such as `infra/index.ts`, alone or in a command. */
function pathsIn(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^ *```.*?^ *```/gms, '');
  return (
    [...text.matchAll(/`([^`]+)`/g)]
      .flatMap(([, code = '']) => code.split(/\s+/))
      .filter((word) => /\/|\.(ts|mjs|py|json|ya?ml|md|txt)$/.test(word) && !word.startsWith('-'))
      // A recipe creates the files of NAME.
      .filter((word) => !word.includes('NAME'))
  );
}

describe('the documents', () => {
  it.each(PAGES_WITH_PATHS)('%s names only existing files and folders', (page) => {
    const paths = pathsIn(page);
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter((path) => globSync(path, { cwd: ROOT }).length === 0)).toEqual([]);
  });

  it.each(DOCUMENTS)('%s links only to existing files and headings', (document) => {
    const page = join(ROOT, document);
    const links = linksIn(page).filter((link) => !/^https?:/.test(link));
    const dead = links.filter((link) => isDead(link, page));
    expect(dead).toEqual([]);
  });

  it('that texts of the product name exist, with their headings', () => {
    const named = globSync(['{cli,infra,lambda}/**/*.ts'], { cwd: ROOT }).flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(/docs\/[\w/-]+\.md(#[\w-]+)?/g)].map(([link]) => link),
    );
    expect(new Set(named).size).toBeGreaterThan(5);
    const dead = named.filter((link) => isDead(link, join(ROOT, 'README.md')));
    expect(dead).toEqual([]);
  });

  it.each(DOCUMENTS)('%s has no line beyond 180 characters', (document) => {
    const lines = readFileSync(join(ROOT, document), 'utf8').split('\n');
    expect(lines.filter((line) => line.length > 180)).toEqual([]);
  });

  it('include a README of at most 150 lines', () => {
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(150);
  });
});

describe('the test runner', () => {
  it('runs every test file: one of its projects includes the file', () => {
    const projects = config.test?.projects ?? [];
    const patterns = projects.flatMap((project) =>
      typeof project === 'object' && 'test' in project ? (project.test?.include ?? []) : [],
    );
    const found = new Set(globSync(patterns, { cwd: ROOT }));
    // `npm run test:oldest` runs its own tests, and two folders of tests have packages of their
    // own.
    const all = globSync('test/**/*.test.ts', { cwd: ROOT, exclude: ['test/oldest/**', 'test/*/node_modules/**'] });
    expect(all.length).toBeGreaterThan(40);
    expect(all.filter((file) => !found.has(file)).map((file) => relative('test', file))).toEqual([]);
  });
});
