import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands.ts';
import { PROJECT } from '../../local/project.ts';

const HOOK = new URL('support/print-loaded-modules.mjs', import.meta.url).href;

/** The npm packages that the command loads. */
function packagesLoadedBy(...args: readonly string[]): { status: number | null; packages: string[] } {
  const program = ['--import', HOOK, join(PROJECT, 'cli', 'main.ts'), ...args];
  const { status, stderr } = spawnSync(process.execPath, program, { encoding: 'utf8' });
  const names = [...stderr.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)].map(([, name = '']) => name);
  return { status, packages: [...new Set(names)].toSorted() };
}

it.each([[['--help']], [['--version']], ...COMMANDS.map(({ definition }) => [[definition.name, '--help']])])(
  'zilliz-rotation %j loads no package but commander',
  (args) => {
    expect(packagesLoadedBy(...args)).toEqual({ status: 0, packages: ['commander'] });
  },
);

it('a subcommand that runs loads its SDKs, and no schema', () => {
  const { status, packages } = packagesLoadedBy('status', 'orders', '--ca-file', 'missing.pem');

  expect(status).toBe(2);
  expect(packages).toEqual(expect.arrayContaining(['@aws-sdk/client-secrets-manager', '@zilliz/milvus2-sdk-node']));
  expect(packages).not.toContain('zod');
});
