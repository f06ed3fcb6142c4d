import { describe, expect, it } from 'vitest';
import { ExitCode, mostSerious } from '../../cli/outcome/exit-code.ts';

describe('the exit code for several secrets', () => {
  it('is the most serious one', () => {
    const mostSeriousFirst = [130, 1, 2, 6, 3, 4, 5, 7, 0] as const;

    for (const [index, code] of mostSeriousFirst.entries()) {
      expect(mostSerious(mostSeriousFirst.slice(index).toReversed())).toBe(code);
    }
    expect(new Set(mostSeriousFirst)).toEqual(new Set(Object.values(ExitCode)));
  });
});
