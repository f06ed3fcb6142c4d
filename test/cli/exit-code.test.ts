import { describe, expect, it } from 'vitest';
import { ExitCode, gravest } from '../../cli/exit-code.ts';

describe('the exit code for several secrets', () => {
  it('is that of the secret that fared worst', () => {
    const gravestFirst = [130, 1, 2, 6, 3, 4, 5, 7, 0] as const;

    for (const [index, code] of gravestFirst.entries()) {
      expect(gravest(gravestFirst.slice(index).toReversed())).toBe(code);
    }
    expect(new Set(gravestFirst)).toEqual(new Set(Object.values(ExitCode)));
  });
});
