import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PROJECT } from '../../local/project.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'launcher-'));
  mkdirSync(join(folder, 'packages', 'cli'), { recursive: true });
  const launcher = join('packages', 'cli', 'zilliz-rotation.mjs');
  copyFileSync(join(PROJECT, launcher), join(folder, launcher));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function makeClone(): void {
  writeFileSync(join(folder, 'packages', 'cli', 'tsconfig.json'), '{}');
}

/** @param preparation a program that runs first */
function launch(preparation = ''): { status: number | null; stderr: string } {
  const program = join(folder, 'packages', 'cli', 'zilliz-rotation.mjs');
  const before = `data:text/javascript,${encodeURIComponent(preparation)}`;
  return spawnSync(process.execPath, ['--import', before, program, '--help'], { encoding: 'utf8' });
}

it('a clone that is not set up says what to do', () => {
  makeClone();

  expect(launch()).toMatchObject({
    status: 5,
    stderr: expect.stringMatching(/^error: .*npm run setup\n$/),
  });
});

it('a clone on a Node without TypeScript says what to do', () => {
  makeClone();
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'), 'junction');

  const { status, stderr } = launch("Object.defineProperty(process.features, 'typescript', { value: false })");

  expect(status).toBe(5);
  expect(stderr).toMatch(/^error: .*: npx --no-install zilliz-rotation\b.*\n$/);
});

it.each(['20.20.2', '22.12.0'])('an installed package on Node %s names the version that it needs', (version) => {
  const { status, stderr } = launch(
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`,
  );

  expect(status).toBe(5);
  expect(stderr).toMatch(/^error: .*\b22\.13\b.*\n$/);
});
