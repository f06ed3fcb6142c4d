import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ADVICE, type FailureCode, isRetryable } from '../../../protocol/rotation/failures.ts';

const runbook = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');

/** The code of each entry, and whether the entry says that a retry can succeed. */
const entries = runbook
  .split(/^### (?=[A-Z_]+$)/m)
  .slice(1)
  .map((entry): [string, string | undefined] => [
    entry.split('\n')[0] ?? '',
    /^- Accepted: .* Retry: (yes|no)\b/m.exec(entry)?.[1],
  ]);

describe('docs/operations.md', () => {
  it('has exactly one entry for each code of the function', () => {
    expect(entries.map(([code]) => code).toSorted()).toEqual(Object.keys(ADVICE).toSorted());
  });

  it('says of each code whether a retry can succeed, as the function does', () => {
    const retries = Object.keys(ADVICE).map((code) => [code, isRetryable(code as FailureCode) ? 'yes' : 'no']);
    expect(Object.fromEntries(entries)).toEqual(Object.fromEntries(retries));
  });
});
