import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LOCAL, PROJECT } from '../../local/project.ts';

/** The number of each layer, as the docstring of the package lists the layers. */
const LAYERS = new Map(
  readFileSync(join(PROJECT, 'emulator/__init__.py'), 'utf8')
    .matchAll(/^(\d)\. ((?:\w+, )*\w+)/gm)
    .flatMap(([, layer, names = '']) => names.split(', ').map((name) => [name, Number(layer)] as const)),
);

/** The files of the emulator that each file imports. */
const IMPORTS = new Map(
  Object.entries(
    JSON.parse(
      execFileSync(join(LOCAL, 'checks', 'bin', 'ruff'), ['analyze', 'graph', '--quiet', 'emulator'], {
        cwd: PROJECT,
        encoding: 'utf8',
      }),
    ) as Record<string, string[]>,
  ),
);

/** The folder or file directly in `emulator/` that contains the module. */
const partOf = (file: string): string => file.split(/[/.]/)[1] ?? '';

function layerOf(file: string): number {
  const layer = LAYERS.get(partOf(file));
  if (layer === undefined) throw new Error(`emulator/__init__.py lists no layer for ${file}.`);
  return layer;
}

test('a module of the emulator imports only from lower layers and from its own folder', () => {
  const upward = [...IMPORTS].flatMap(([file, imports]) =>
    imports
      .filter((imported) => partOf(imported) !== partOf(file) && layerOf(imported) <= layerOf(file))
      .map((imported) => `${file} imports ${imported}`),
  );
  expect(LAYERS.size).toBeGreaterThan(10);
  expect([...IMPORTS.values()].flat().length).toBeGreaterThan(60);
  expect(upward).toEqual([]);
});
