import { globSync } from 'node:fs';
import { join, sep } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';
import { FOLDERS, FORBIDDEN, OPTIONS, RESOLVE } from './architecture-rules.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('the architecture rules', () => {
  it('are kept by every module', async () => {
    const options = { ...OPTIONS, validate: true, ruleSet: { forbidden: FORBIDDEN } };
    const { output } = await cruise(FOLDERS, options, RESOLVE);
    const { modules, summary } = output as ICruiseResult;
    // Without a parser for TypeScript, dependency-cruiser finds no imports and so no violations.
    expect(modules.filter(({ source }) => /^(lambda|cli|infra)\/.*\.ts$/.test(source)).length).toBeGreaterThan(100);
    expect(modules.find(({ source }) => source === 'lambda/handler.ts')?.dependencies.length).toBeGreaterThan(5);
    // If dependency-cruiser resolved no npm packages, the rules about npm packages would never
    // match.
    const sdk = modules.find(({ source }) => source === 'adapters/grpc/milvus-client.ts')?.dependencies;
    expect(sdk?.some(({ dependencyTypes }) => dependencyTypes.includes('npm'))).toBe(true);
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  });

  it('name every folder that holds TypeScript', () => {
    const exclude = ['node_modules', 'dist', 'coverage', 'cdk.out', 'packages'];
    const modules = globSync('*/**/*.ts', { cwd: ROOT, exclude });
    expect([...new Set(modules.map((file) => file.split(sep)[0]))].sort()).toEqual([...FOLDERS].sort());
  });
});
