// Checks the Python code with ruff and mypy. Their settings are in pyproject.toml.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PROJECT } from './setup/command.mjs';
import { pythonOf } from './setup/virtual-environments.mjs';

const python = pythonOf('.local/checks');
const own = relative('.', python);
const cache = join(PROJECT, '.local', 'python-cache');

const CHECKS = [
  {
    args: ['ruff', 'check', '--quiet'],
    remedy: `Correct these findings, some of them with: ${own} -m ruff check --fix`,
  },
  { args: ['ruff', 'format', '--check', '--quiet'], remedy: `Run: ${own} -m ruff format` },
  { args: ['mypy', '--no-error-summary', `--cache-dir=${join(cache, 'mypy')}`], remedy: 'Correct these types.' },
];

if (!existsSync(python)) {
  console.error(`${python} does not exist. Run: npm run check`);
  process.exit(1);
}

for (const { args, remedy } of CHECKS) {
  const { status } = spawnSync(python, ['-m', ...args], {
    cwd: PROJECT,
    stdio: 'inherit',
    env: { ...process.env, RUFF_CACHE_DIR: join(cache, 'ruff') },
  });
  if (status !== 0) {
    console.error(`\n${args[0]} failed. ${remedy}`);
    process.exitCode = 1;
  }
}
