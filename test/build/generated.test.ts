import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { GENERATED } from '../../build/generated.ts';
import { PROJECT } from '../../local/project.ts';

test.each(Object.entries(GENERATED))('%s is up to date (if not: npm run generate)', (path, textFrom) => {
  const text = readFileSync(join(PROJECT, path), 'utf8');
  expect(text).toBe(textFrom(text));
});
