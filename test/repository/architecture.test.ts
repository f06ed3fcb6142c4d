import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';
import { FORBIDDEN, OPTIONS, RESOLVE } from './architecture-rules.ts';

describe('the arrows between the parts', () => {
  it('are those that architecture-rules.ts allows', async () => {
    const parts = ['secret', 'cluster', 'lambda', 'cli', 'infra', 'local', 'bench', 'examples', 'test'];
    const options = { ...OPTIONS, validate: true, ruleSet: { forbidden: FORBIDDEN } };
    const { output } = await cruise(parts, options, RESOLVE);
    const { modules, summary } = output as ICruiseResult;
    // A parser that understands nothing finds no violation either.
    const ours = modules.filter(({ source }) => /^(secret|cluster|lambda|cli|infra)\/.*\.ts$/.test(source));
    expect(ours.length).toBeGreaterThan(40);
    expect(ours.some(({ source, dependencies }) => source === 'lambda/handler.ts' && dependencies.length > 5)).toBe(
      true,
    );
    // Packages must be among what was resolved, or no rule about them could ever bite.
    const sdk = modules.find(({ source }) => source === 'cluster/milvus-client.ts')?.dependencies;
    expect(sdk?.some(({ dependencyTypes }) => dependencyTypes.includes('npm'))).toBe(true);
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  });
});
