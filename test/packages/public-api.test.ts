import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NODE_BIN, PROJECT } from '../../local/project.ts';

/**
 * Replaces api-extractor, because api-extractor needs the compiler API that TypeScript 7 does not
 * have.
 */
describe('the public API', () => {
  const folder = mkdtempSync(join(tmpdir(), 'public-api-'));
  const declarations = (module: string): string => readFileSync(join(folder, 'infra', `${module}.d.ts`), 'utf8').trim();

  beforeAll(() => {
    const options = ['--emitDeclarationOnly', '--removeComments', '--outDir', folder];
    execFileSync(join(NODE_BIN, 'tsc'), ['-p', 'packages/constructs', ...options], { cwd: PROJECT });
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is the API in public-api.txt (after an intended change: npm run generate, and an entry in the CHANGELOG)', async () => {
    const index = declarations('index');
    const modules = [...index.matchAll(/from '(?:\.\/)?(.*)\.ts'/g)].flatMap(([, module]) => module ?? []);
    expect(modules.length).toBeGreaterThan(10);
    const report = ['index', ...modules].map((module) => `// ${module}\n${declarations(module)}\n`).join('\n');
    await expect(report).toMatchFileSnapshot('public-api.txt');
  });
});
