import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withConformanceTable } from '../../build/conformance-table.ts';
import { PROJECT } from '../../local/project.ts';

const page = readFileSync(join(PROJECT, 'docs', 'applications.md'), 'utf8');

test('docs/applications.md has what the cases of the conformance suite say (if not: npm run generate)', () => {
  expect(page).toBe(withConformanceTable(page));
});

test('the table names the client that does less than the others', () => {
  expect(page).toMatch(/^\| Secrets Manager is down, .* \| succeed \|.* no, fail: unavailable \|$/m);
});
