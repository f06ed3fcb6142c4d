import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../emulator');
const read = (file: string): string => readFileSync(resolve(ROOT, file), 'utf8');

/** The number of each layer, as the docstring of the package lists the layers. */
const LAYERS = new Map(
  read('__init__.py')
    .matchAll(/^(\d)\. ((?:\w+, )*\w+)/gm)
    .flatMap(([, layer, names = '']) => names.split(', ').map((name) => [name, Number(layer)] as const)),
);

function layerOf(name: string): number {
  const layer = LAYERS.get(name);
  if (layer === undefined) throw new Error(`emulator/__init__.py lists no layer for ${name}.`);
  return layer;
}

/** What a module imports from other top-level folders and files of the package. */
function importsOf(file: string): string[] {
  const absolute = /^\s*from emulator\.(\w+)/;
  const relative = file.includes('/') ? /^$/ : /^\s*from \.(?:(\w+)|\s*import (.+))/;
  const imports = read(file)
    .split('\n')
    .flatMap((line) => (relative.exec(line) ?? absolute.exec(line))?.slice(1) ?? [])
    .filter((names) => names !== undefined);
  return imports.flatMap((names) => names.replace(/#.*/, '').split(',')).map((name) => name.trim());
}

test('a module of the emulator imports only from lower layers and from its own folder', () => {
  const upward = globSync('**/*.py', { cwd: ROOT })
    .filter((file) => file !== '__init__.py')
    .flatMap((file) => {
      const own = file.replace(/(\/.*|\.py)$/, '');
      return importsOf(file)
        .filter((name) => name !== own && layerOf(name) <= layerOf(own))
        .map((name) => `${file} imports ${name}`);
    });
  expect(LAYERS.size).toBeGreaterThan(10);
  expect(upward).toEqual([]);
});
