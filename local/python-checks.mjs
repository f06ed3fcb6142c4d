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
  ['ruff', 'check', '--quiet'],
  ['ruff', 'format', '--check', '--quiet'],
  ['mypy', '--no-error-summary', `--cache-dir=${join(cache, 'mypy')}`],
  ['zizmor', '--offline', '--quiet', '.github'],
];

if (!existsSync(python)) {
  console.error(`${python} does not exist. Run: npm run check`);
  process.exit(1);
}

for (const [program, ...args] of CHECKS) {
  const env = { ...process.env, RUFF_CACHE_DIR: join(cache, 'ruff') };
  const { status } = spawnSync(join(programs, program), args, { cwd: PROJECT, stdio: 'inherit', env });
  if (status !== 0) {
    const ruff = relative('.', join(programs, 'ruff'));
    console.error(`\n${program} failed. These correct some findings: ${ruff} check --fix, and: ${ruff} format`);
    process.exitCode = 1;
  }
}
