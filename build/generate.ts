import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { writeAssumptionsPage } from './assumptions-page.ts';
import { writeSchemas } from './command-schemas.ts';
import { writeConfigurationPage, writeJsonSchema } from './configuration-page.ts';
import { writeConformanceTable } from './conformance-table.ts';

/**
 * npm run generate: writes the files that are generated from other files of the repository. Each
 * file has a test that fails if the file is out of date. package-lock.json and local/requirements
 * are not in the list, because npm and uv need a package registry to write them.
 */
const STEPS: Readonly<Record<string, () => void>> = {
  'infra/rotation.schema.json': writeJsonSchema,
  'docs/configuration.md': writeConfigurationPage,
  'docs/assumptions.md': writeAssumptionsPage,
  'docs/applications.md': writeConformanceTable,
  'docs/schemas': writeSchemas,
  'test/infra/fixtures/logical-ids.json': () => {
    const vitest = join('node_modules', 'vitest', 'vitest.mjs');
    const args = [vitest, 'run', '--update', '--reporter=dot', 'test/infra/fleet.test.ts'];
    execFileSync(process.execPath, args, { cwd: resolve(import.meta.dirname, '..'), stdio: 'inherit' });
  },
};

for (const [file, write] of Object.entries(STEPS)) {
  process.stdout.write(`Writing ${file}\n`);
  write();
}
