import { assumptionsPage, citedFiles } from './assumptions-page.ts';
import { jsonSchema, keyTables } from './configuration-page.ts';
import { conformanceTable } from './conformance-table.ts';
import { withBlocks } from './pages.ts';

/**
 * The files that are generated from other files of the repository, and what makes each of them from
 * its present text. package-lock.json and local/requirements are not in the list, because npm and
 * uv need a package registry to write them.
 */
export const GENERATED: Readonly<Record<string, (present: string) => string>> = {
  'infra/rotation.schema.json': () => asJson(jsonSchema()),
  'cli/verify/register/citations.json': () => asJson(citedFiles()),
  'docs/assumptions.md': assumptionsPage,
  'docs/configuration.md': (page) => withBlocks(page, { keys: keyTables() }),
  'docs/applications.md': (page) => withBlocks(page, { conformance: conformanceTable() }),
};

function asJson(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
