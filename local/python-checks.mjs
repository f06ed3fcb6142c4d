// Checks the Python code with ruff and mypy, whose settings are in pyproject.toml, and the
// workflows with zizmor.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { PROJECT } from './setup/command.mjs';
import { pythonOf } from './setup/virtual-environments.mjs';

const python = pythonOf('.local/checks');
const programs = dirname(python);
const cache = join(PROJECT, '.local', 'python-cache');

const CHECKS = [
  {
    args: ['ruff', 'check', '--quiet'],
    remedy: `Correct these findings, some of them with: ${relative('.', join(programs, 'ruff'))} check --fix`,
  },
  { args: ['ruff', 'format', '--check', '--quiet'], remedy: `Run: ${relative('.', join(programs, 'ruff'))} format` },
  { args: ['mypy', '--no-error-summary', `--cache-dir=${join(cache, 'mypy')}`], remedy: 'Correct these types.' },
  { args: ['zizmor', '--offline', '--quiet', '.github'], remedy: 'Correct these findings.' },
];

if (!existsSync(python)) {
  console.error(`${python} does not exist. Run: npm run check`);
  process.exit(1);
}

for (const {
  args: [program, ...args],
  remedy,
} of CHECKS) {
  const { status } = spawnSync(join(programs, program), args, {
    cwd: PROJECT,
    stdio: 'inherit',
    env: { ...process.env, RUFF_CACHE_DIR: join(cache, 'ruff') },
  });
  if (status !== 0) {
    console.error(`\n${program} failed. ${remedy}`);
    process.exitCode = 1;
  }
}
