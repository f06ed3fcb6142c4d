import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { LOCAL, PYTHON_CACHE } from '../../local/project.ts';

interface Result {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly text: string;
}

interface Environment {
  readonly title: string;
  readonly folder: string;
  readonly options?: readonly string[];
}

/** The environments of local/setup/virtual-environments.mjs. */
const ENVIRONMENTS: readonly Environment[] = [
  { title: 'pymilvus 2.4', folder: 'tests/pymilvus-2.4', options: ['--ignore=test_async_client.py'] },
  { title: 'pymilvus 2.6', folder: 'tests/pymilvus-2.6' },
  { title: 'pymilvus 3.0', folder: 'tests' },
];

/** The oldest and the newest other Python of this machine, with the newest pymilvus. */
const PYTHONS: readonly Environment[] = readdirSync(join(LOCAL, 'tests'))
  .filter((name) => name.startsWith('python-'))
  .map((name) => ({ title: name.replace('python-', 'Python '), folder: `tests/${name}` }));

/** Runs the tests in this folder with pytest. Throws if pytest does not run to its end. */
async function runPytest({ folder, options = [] }: Environment): Promise<Result[]> {
  const temporary = mkdtempSync(join(tmpdir(), 'pytest-'));
  const results = join(temporary, 'results.jsonl');
  const python = join(LOCAL, folder, 'bin', 'python');
  const child = spawn(
    python,
    ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-o', 'faulthandler_timeout=120', ...options],
    {
      cwd: import.meta.dirname,
      timeout: 500_000,
      env: {
        ...process.env,
        PYTEST_RESULTS: results,
        PYTHONPYCACHEPREFIX: PYTHON_CACHE,
        // An environment that forbids compiled modules would compile them in each of 70 processes.
        PYTHONDONTWRITEBYTECODE: '',
        // The plugins of packages that these tests do not use.
        PYTEST_DISABLE_PLUGIN_AUTOLOAD: '1',
      },
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += String(data);
    });
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const text = existsSync(results) ? readFileSync(results, 'utf8') : '';
  rmSync(temporary, { recursive: true });
  // 0: all passed. 1: some failed. Every other code says that pytest has not run all tests.
  if ((exitCode !== 0 && exitCode !== 1) || text === '') {
    throw new Error(`pytest in ${folder} ended with ${exitCode}.\n${output}`);
  }
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Result);
}

async function runAfterEachOther(environments: readonly Environment[]): Promise<Result[][]> {
  const all: Result[][] = [];
  for (const environment of environments) {
    all.push(await runPytest(environment));
  }
  return all;
}

const environments = [...ENVIRONMENTS, ...PYTHONS];
const results = (
  await Promise.all([
    ...ENVIRONMENTS.map((environment) => runAfterEachOther([environment])),
    runAfterEachOther(PYTHONS),
  ])
).flat();

if (PYTHONS.length === 0) {
  it.skip('the package with another Python (skipped: this machine has no other from 3.10 on)');
}

for (const [index, { title }] of environments.entries()) {
  describe(`the package for Python with ${title}`, () => {
    for (const { name, outcome, text } of results[index] ?? []) {
      it.skipIf(outcome === 'skipped')(name, () => {
        if (outcome === 'failed') {
          throw new Error(text);
        }
      });
    }
  });
}
