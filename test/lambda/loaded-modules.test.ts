import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { PROJECT } from '../../local/project.ts';

const HOOK = new URL('../cli/support/print-loaded-modules.mjs', import.meta.url).href;

it('the function loads what only API keys need when a secret holds one', () => {
  const env = { AWS_REGION: 'eu-central-1', ALLOWED_ENDPOINTS: '127.0.0.1' };
  const program = ['--import', HOOK, 'lambda/handler.ts'];
  const { status, stderr } = spawnSync(process.execPath, program, { cwd: PROJECT, env, encoding: 'utf8' });
  const files = [...stderr.matchAll(/file:\/\/\S+/g)].map(([url]) => relative(PROJECT, fileURLToPath(url)));
  const loaded = files.filter((file) => !file.startsWith('node_modules'));
  expect(status).toBe(0);
  expect(loaded).toContain('protocol/rotation/strategies/api-key.ts');
  expect(loaded.filter((file) => /control-plane|keys?\b/.test(file))).toEqual([
    // Its error class and the settings of the environment.
    'protocol/keys/control-plane.ts',
    'protocol/rotation/strategies/api-key.ts',
  ]);
});
