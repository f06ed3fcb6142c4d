import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { LOCAL, PYTHON_CACHE } from '../../local/project.ts';

interface Result {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly text: string;
}

/** The environments of local/setup/virtual-environments.mjs. */
const ENVIRONMENTS = [
  { title: 'pymilvus 2.4', folder: 'tests/pymilvus-2.4', options: ['--ignore=test_async_client.py'] },
  { title: 'pymilvus 2.6', folder: 'tests/pymilvus-2.6', options: [] },
  { title: 'pymilvus 3.0', folder: 'tests', options: [] },
];

/** Runs the tests in this folder with pytest. Throws if pytest does not run to its end. */
async function runPytest(folder: string, options: readonly string[]): Promise<Result[]> {
  const temporary = mkdtempSync(join(tmpdir(), 'pytest-'));
  const results = join(temporary, 'results.jsonl');
  const python = join(LOCAL, folder, 'bin', 'python');
  const child = spawn(
    python,
    ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-o', 'faulthandler_timeout=120', ...options],
    {
      cwd: import.meta.dirname,
      timeout: 500_000,
      env: { ...process.env, PYTEST_RESULTS: results, PYTHONPYCACHEPREFIX: PYTHON_CACHE },
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

const runs = await Promise.all(
  ENVIRONMENTS.map(async ({ title, folder, options }) => ({ title, results: await runPytest(folder, options) })),
);

for (const { title, results } of runs) {
  describe(`the package for Python with ${title}`, () => {
    for (const { name, outcome, text } of results) {
      it.skipIf(outcome === 'skipped')(name, () => {
        if (outcome === 'failed') {
          throw new Error(text);
        }
      });
    }
  });
}
