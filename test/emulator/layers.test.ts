import { existsSync, globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(resolve(ROOT, file), 'utf8');

/** The number of each layer, as the docstring of the package lists the layers. */
const LAYERS = new Map(
  read('emulator/__init__.py')
    .matchAll(/^(\d)\. ((?:\w+, )*\w+)/gm)
    .flatMap(([, layer, names = '']) => names.split(', ').map((name) => [name, Number(layer)] as const)),
);

/** The folder or file directly in `emulator/` that contains the module. */
const partOf = (file: string): string => file.split(/[/.]/)[1] ?? '';

function layerOf(file: string): number {
  const layer = LAYERS.get(partOf(file));
  if (layer === undefined) throw new Error(`emulator/__init__.py lists no layer for ${file}.`);
  return layer;
}

/** The file of a dotted module name. Undefined if the name is not a module. */
function moduleFile(name: string): string | undefined {
  const path = name.replaceAll('.', '/');
  return [`${path}.py`, `${path}/__init__.py`].find((file) => existsSync(resolve(ROOT, file)));
}

/** The names of an import list, without parentheses and aliases. */
const namesOf = (list: string): string[] => list.split(/[(),\s]+(?:as\s+\w+)?/).filter((name) => name !== '');

/** `from module import names`, where `module` starts with a dot for each folder level. */
const FROM = /^[ \t]*from\b[ \t]*(\.*)[ \t]*([\w.]*)[ \t]+import\b[ \t]*(\([^)]*\)|.*)/gm;
const IMPORT = /^[ \t]*import[ \t]+(.+)/gm;

/** The files of the emulator that a module imports. */
function importsOf(file: string): string[] {
  const code = read(file).replace(/#.*/g, '').replace(/\\\n/g, ' ');
  const folders = file.split('/').slice(0, -1);
  const fromImports = [...code.matchAll(FROM)].flatMap(([, dots = '', module = '', list = '']) => {
    const parents = dots === '' ? [] : folders.slice(0, folders.length + 1 - dots.length);
    const base = [...parents, ...(module === '' ? [] : [module])].join('.');
    return namesOf(list).map((name) => moduleFile(`${base}.${name}`) ?? moduleFile(base));
  });
  const plainImports = [...code.matchAll(IMPORT)].flatMap(([, list = '']) => namesOf(list).map(moduleFile));
  const imports = [...fromImports, ...plainImports].filter((imported) => imported !== undefined);
  return [...new Set(imports)].filter((imported) => imported.startsWith('emulator/'));
}

const IMPORTS = new Map(globSync('emulator/**/*.py', { cwd: ROOT }).map((file) => [file, importsOf(file)]));

/** Every module that the module reaches through imports. */
function reachableFrom(file: string, reached = new Set<string>()): Set<string> {
  for (const imported of IMPORTS.get(file) ?? []) {
    if (!reached.has(imported)) reachableFrom(imported, reached.add(imported));
  }
  return reached;
}

test('a module of the emulator imports only from lower layers and from its own folder', () => {
  const upward = [...IMPORTS].flatMap(([file, imports]) =>
    imports
      .filter((imported) => partOf(imported) !== partOf(file) && layerOf(imported) <= layerOf(file))
      .map((imported) => `${file} imports ${imported}`),
  );
  expect(LAYERS.size).toBeGreaterThan(10);
  expect([...IMPORTS.values()].flat().length).toBeGreaterThan(80);
  expect(upward).toEqual([]);
});

test('no module of the emulator imports itself through other modules', () => {
  expect([...IMPORTS.keys()].filter((file) => reachableFrom(file).has(file))).toEqual([]);
});
