import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { conformanceBlock } from '../../build/conformance-table.ts';
import { withBlocks } from '../../build/pages.ts';
import { PROJECT } from '../../local/project.ts';

const page = readFileSync(join(PROJECT, 'docs', 'applications.md'), 'utf8');

test('docs/applications.md has what the cases of the conformance suite say (if not: npm run generate)', () => {
  expect(page).toBe(withBlocks(page, conformanceBlock()));
});
