import { globSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { expect, it } from 'vitest';
import { FOLDERS } from './architecture-rules.ts';

const ROOT = join(import.meta.dirname, '..', '..');

const filesOf = (pattern: string): string[] =>
  globSync(pattern, { cwd: ROOT }).map((file) => file.replaceAll(sep, posix.sep));

/** Whether one folder is the other folder, or contains it. */
function isAboveOrBelow(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}

it('a test with the name of a module is in the folder of test/ that mirrors the folder of the module', () => {
  const sources = filesOf(`{${FOLDERS.filter((folder) => folder !== 'test').join(',')}}/**/*.ts`);
  const tests = filesOf('test/**/*.test.ts');
  expect(tests.length).toBeGreaterThan(100);
  const misplaced = tests.filter((test) => {
    const folder = posix.relative('test', posix.dirname(test));
    const module = posix.basename(test).replace(/(\.server)?\.test\.ts$/, '.ts');
    const folders = sources.filter((source) => posix.basename(source) === module).map(posix.dirname);
    return !folders.includes(folder) && folders.some((source) => isAboveOrBelow(source, folder));
  });
  expect(misplaced).toEqual([]);
});

it('no folder of sources holds more than 15 modules', () => {
  const folders = Object.groupBy(
    filesOf(`{${FOLDERS.filter((folder) => folder !== 'test').join(',')},emulator}/**/*.{ts,mjs,py}`),
    posix.dirname,
  );
  expect(Object.keys(folders).length).toBeGreaterThan(50);
  const crowded = Object.entries(folders).filter(([, modules = []]) => modules.length > 15);
  expect(crowded.map(([folder, modules = []]) => `${folder}: ${modules.length}`)).toEqual([]);
});
