import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples', 'consume');

/** @returns undefined if this machine does not have the command. */
function outputOf(command: string, ...args: readonly string[]): string | undefined {
  const { error, stdout, stderr } = spawnSync(command, args, { cwd: EXAMPLES, encoding: 'utf8' });
  return error !== undefined && 'code' in error && error.code === 'ENOENT' ? undefined : stdout + stderr;
}

/**
 * The tests download nothing, so javac does not find the SDKs. It still checks the syntax, the
 * names and types of the example itself, and the classes of Java. With the SDKs in the variable
 * CLASSPATH, javac checks everything.
 */
it('the example for Java has no error that javac finds without the SDKs', ({ skip }) => {
  const classes = mkdtempSync(join(tmpdir(), 'classes-'));
  onTestFinished(() => rmSync(classes, { recursive: true }));
  const output = outputOf(
    'javac',
    // Without these two, javac stops after the imports, and prints texts in the user's language.
    ...['-XDshould-stop.ifError=FLOW', '-XDrawDiagnostics', '-proc:none', '-d', classes, 'RotatingMilvus.java'],
  );
  skip(output === undefined, 'This machine has no javac.');
  const source = readFileSync(join(EXAMPLES, 'RotatingMilvus.java'), 'utf8');
  const imported = [...source.matchAll(/^import (?!java\.)([\w.]+)\.(\w+);$/gm)].flatMap(([, ...names]) => names);
  expect(imported).toContain('MilvusClientV2');
  const errors = (output ?? '').split('\n').filter((line) => line.includes('compiler.err.'));
  const hasSdks = !errors.some((line) => line.includes('compiler.err.doesnt.exist'));
  const dueToSdks = (line: string): boolean => imported.some((name) => new RegExp(`[ :]${name}(,|$)`).test(line));
  expect(errors.filter((line) => hasSdks || !dueToSdks(line))).toEqual([]);
});

it('the example for Go has the syntax and the format of gofmt', ({ skip }) => {
  const output = outputOf('gofmt', '-d', '-e', 'rotating_milvus.go');
  skip(output === undefined, 'This machine has no gofmt. Nothing has checked the example.');
  expect(output).toBe('');
});

/**
 * The tests download nothing, so the modules of the SDKs must be in Go's cache: run
 * `go mod tidy` once in a copy of the example.
 */
it('the example for Go compiles', ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), 'go-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(EXAMPLES, 'rotating_milvus.go'), join(folder, 'rotating_milvus.go'));
  const go = (...args: readonly string[]) =>
    spawnSync('go', args, { cwd: folder, encoding: 'utf8', env: { ...process.env, GOPROXY: 'off' } });
  skip(go('mod', 'init', 'example').error !== undefined, 'This machine has no go.');
  skip(go('mod', 'tidy').status !== 0, "The modules of the SDKs are not in Go's cache.");
  const { status, stderr } = go('vet', '.');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
