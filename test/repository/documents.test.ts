import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import config from '../../vitest.config.ts';
import { isDead, linksIn } from '../support/links.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DOCUMENTS = globSync(['*.md', 'docs/**/*.md', 'packages/client/README.md'], { cwd: ROOT });

/** A page that names files, and the folders that its paths may start in. */
const PAGES_WITH_PATHS = {
  'CONTRIBUTING.md': ['.'],
  'docs/architecture.md': ['.'],
  'docs/never-locked-out.md': ['.', 'protocol/rotation'],
};

/** The subcommand `labels` and the transport `other`, which recipes of CONTRIBUTING.md create. */
const CREATED_BY_RECIPES =
  /^(test\/)?(cli\/labels|cluster\/other)(\/|$)|^test\/cluster\/support\/other-server\.ts$|^docs\/schemas\/labels\./;

/** The paths in the code spans of a page, such as `infra/index.ts`, alone or in a command. */
function pathsIn(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll(/^ *```.*?^ *```/gms, '');
  return (
    [...text.matchAll(/`([^`]+)`/g)]
      .flatMap(([, code = '']) => code.split(/\s+/))
      .filter((word) => /\/|\.(ts|mjs|py|json|ya?ml|md|txt)$/.test(word) && !word.startsWith('-'))
      // `<section>-schema.ts` stands for each file with such a name.
      .map((word) => word.replaceAll(/<[^>]+>/g, '*'))
  );
}

describe('the documents', () => {
  it.each(Object.entries(PAGES_WITH_PATHS))('%s names only existing files and folders', (page, bases) => {
    const paths = pathsIn(page);
    expect(paths.length).toBeGreaterThan(10);
    const exists = (path: string): boolean =>
      bases.some((base) => globSync(path, { cwd: join(ROOT, base) }).length > 0);
    expect(paths.filter((path) => !CREATED_BY_RECIPES.test(path) && !exists(path))).toEqual([]);
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
