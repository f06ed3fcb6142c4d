import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../../lambda/rotation/errors.ts';

const runbook = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');

describe('docs/operations.md', () => {
  it('has one entry for each code, and none for a code that does not exist', () => {
    const entries = [...runbook.matchAll(/^### ([A-Z_]+)$/gm)].map(([, code]) => code);
    expect(entries.toSorted()).toEqual(Object.keys(FAILURES).toSorted());
  });
});
