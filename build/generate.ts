import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GENERATED } from './generated.ts';

/** npm run generate: writes the generated files. A test fails if one of them is out of date. */
const project = resolve(import.meta.dirname, '..');

for (const [path, textFrom] of Object.entries(GENERATED)) {
  process.stdout.write(`Writing ${path}\n`);
  const file = join(project, path);
  writeFileSync(file, textFrom(existsSync(file) ? readFileSync(file, 'utf8') : ''));
}
process.stdout.write('Writing test/infra/fixtures/logical-ids.json\n');
const vitest = join('node_modules', 'vitest', 'vitest.mjs');
const args = [vitest, 'run', '--update', '--reporter=dot', 'test/infra/fleet.test.ts'];
execFileSync(process.execPath, args, { cwd: project, stdio: 'inherit' });
