import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { GO, JAVA } from './sdk-declarations.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples', 'consume');

/** @returns undefined if this machine does not have the command. */
function outputOf(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): string | undefined {
  const { error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd: options.cwd ?? EXAMPLES,
    env: { ...process.env, ...options.env },
  });
  return error !== undefined && 'code' in error && error.code === 'ENOENT' ? undefined : stdout + stderr;
}

/** A folder with files, by path. It is removed after the test. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'examples-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

const example = (file: string): string => readFileSync(join(EXAMPLES, file), 'utf8');

/** With the SDKs in the variable CLASSPATH, javac uses them instead of the declarations. */
it('the example for Java compiles', ({ skip }) => {
  const declarations = Object.entries(JAVA).map(([path, code]) => [
    `${path}.java`,
    `package ${dirname(path).replaceAll('/', '.')};\n${code}`,
  ]);
  const folder = folderOf(Object.fromEntries(declarations) as Record<string, string>);
  const sourcePath = process.env['CLASSPATH'] === undefined ? folder : EXAMPLES;
  const args = ['-proc:none', '-d', folder, '-sourcepath', sourcePath, 'RotatingMilvus.java'];
  const output = outputOf('javac', args);
  skip(output === undefined, 'This machine has no javac.');
  expect(output).toBe('');
});

it('the example for Go has the syntax and the format of gofmt', ({ skip }) => {
  const output = outputOf('gofmt', ['-d', '-e', 'rotating_milvus.go']);
  skip(output === undefined, 'This machine has no gofmt.');
  expect(output).toBe('');
});

it('the example for Go compiles', ({ skip }) => {
  const declarations = Object.entries(GO).map(([path, code]) => [
    `src/${path}/declarations.go`,
    `package ${path.split('/').at(-1)}\n${code}\n`,
  ]);
  const folder = folderOf({
    ...(Object.fromEntries(declarations) as Record<string, string>),
    'src/consume/rotating_milvus.go': example('rotating_milvus.go'),
  });
  const env = { GO111MODULE: 'off', GOPATH: folder, GOFLAGS: '' };
  const output = outputOf('go', ['vet', 'consume'], { cwd: folder, env });
  skip(output === undefined, 'This machine has no go.');
  expect(output).toBe('');
});

it('the example for Go compiles with the SDKs, if they are in the cache of Go', ({ skip }) => {
  const folder = folderOf({ 'rotating_milvus.go': example('rotating_milvus.go') });
  const go = (...args: readonly string[]) =>
    spawnSync('go', args, { cwd: folder, encoding: 'utf8', env: { ...process.env, GOPROXY: 'off' } });
  skip(go('mod', 'init', 'example').error !== undefined, 'This machine has no go.');
  skip(go('mod', 'tidy').status !== 0, "The modules of the SDKs are not in Go's cache.");
  const { status, stderr } = go('vet', '.');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
