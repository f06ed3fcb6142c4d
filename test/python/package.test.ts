import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { pythonPackage } from '../../build/release/python-package.ts';
import { PROJECT, TESTS_BIN } from '../../local/project.ts';

let files: Record<string, Uint8Array>;

beforeAll(async () => {
  files = await pythonPackage(PROJECT);
});

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  expect(status, stdout + stderr).toBe(0);
  return stdout;
}

function writtenTo(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wheel-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'dist'));
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(join(folder, 'dist', file), content);
  }
  return folder;
}

it('the wheel and the sdist have no problem that PyPI would find', () => {
  const names = Object.keys(files).sort();
  expect(names).toEqual([
    expect.stringMatching(/^zilliz_secret_client-[\d.]+-py3-none-any\.whl$/),
    expect.stringMatching(/^zilliz_secret_client-[\d.]+\.tar\.gz$/),
  ]);
  const folder = writtenTo();
  const output = run(
    join(TESTS_BIN, 'twine'),
    ['check', '--strict', ...names.map((name) => join('dist', name))],
    folder,
  );
  expect(output.match(/PASSED/g)).toHaveLength(2);
});

it('the wheel works with its types in an environment that has nothing but what it requires', () => {
  const folder = writtenTo();
  run(join(TESTS_BIN, 'python'), ['-m', 'venv', 'empty'], folder);
  const python = join(folder, 'empty', 'bin', 'python');
  const wheel = Object.keys(files).find((name) => name.endsWith('.whl')) ?? '';
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--quiet'];
  run(python, [...pip, 'install', '--no-index', '--no-deps', join('dist', wheel)], folder);
  const packages = run(python, ['-c', "import sysconfig; print(sysconfig.get_path('purelib'))"], folder).trim();
  run(
    join(TESTS_BIN, 'python'),
    [join(import.meta.dirname, 'link_dependencies.py'), packages, 'zilliz-secret-client'],
    folder,
  );
  // Fails if a requirement is missing, or has another version.
  run(python, [...pip, 'check'], folder);
  const program = `
import importlib.metadata, pathlib, sys
import zilliz_secret_client
print(sorted(importlib.metadata.requires("zilliz-secret-client")))
print(importlib.metadata.metadata("zilliz-secret-client")["License-Expression"])
folder = pathlib.Path(zilliz_secret_client.__file__).parent
print(folder.parent == pathlib.Path(sys.argv[1]), (folder / "py.typed").exists())
`;
  expect(run(python, ['-c', program, packages], folder).trim().split('\n')).toEqual([
    "['boto3>=1.26', 'pymilvus>=2.4.3,<4']",
    'Apache-2.0',
    'True True',
  ]);
});
