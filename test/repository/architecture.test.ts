import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';
import { STRATEGY_NAMES } from '../../protocol/secret/rotated-secrets.ts';
import { FOLDERS, FORBIDDEN, OPTIONS, PRODUCT, RESOLVE, TABLES } from './architecture-rules.ts';

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
    const sdk = modules.find(({ source }) => source === 'adapters/milvus-client.ts')?.dependencies;
    expect(sdk?.some(({ dependencyTypes }) => dependencyTypes.includes('npm'))).toBe(true);
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  });

  it('are kept by comparisons: only strategies and forms know what the name of one means', () => {
    const name = `'(${STRATEGY_NAMES.join('|')})'`;
    // 'password' is a form too, and a word that has other meanings. Only keys have the pin
    // apiKeyId.
    const comparison = new RegExp(
      `([!=]==? |case |(includes|startsWith)\\()${name}|${name} [!=]==|[!=]==? DEFAULT_STRATEGY|\\bform\\b.* [!=]==? '|apiKeyId [!=]==`,
    );
    const files = PRODUCT.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT }));
    const others = files.filter((file) => !TABLES.some((table) => file.split(sep).join('/').startsWith(table)));
    expect(others.length).toBeGreaterThan(200);
    const found = others.flatMap((file) => {
      const lines = readFileSync(join(ROOT, file), 'utf8').split('\n');
      return lines.filter((line) => comparison.test(line)).map((line) => `${file}: ${line.trim()}`);
    });
    expect(found).toEqual([]);
  });

  it('name every folder that holds TypeScript', () => {
    const exclude = ['node_modules', 'dist', 'coverage', 'cdk.out', 'packages'];
    const modules = globSync('*/**/*.ts', { cwd: ROOT, exclude });
    expect([...new Set(modules.map((file) => file.split(sep)[0]))].sort()).toEqual([...FOLDERS].sort());
  });
});
