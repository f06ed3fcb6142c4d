import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledPackages, thirdPartyNotices } from '../../build/bundled-packages.ts';
import { type Bundle, bundle, bundleFunction, FUNCTIONS, type FunctionName } from '../../build/function-bundle.ts';
import { PROJECT } from '../../local/project.ts';

const run = promisify(execFile);

const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const bundles = new Map<FunctionName, Bundle>();

beforeAll(async () => {
  for (const fn of NAMES) {
    bundles.set(fn, await bundle(FUNCTIONS[fn]));
  }
}, 60_000);

/** A folder that is removed after the tests. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'function-bundle-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

const bundleOf = (fn: FunctionName): Bundle => bundles.get(fn) as Bundle;

/** CONTRIBUTING.md says what to do before you add one. */
const ALLOWED_LICENCES = ['Apache-2.0', 'BSD-3-Clause', 'MIT', 'MIT-0'];

/** About 3 % above the size at the last change of this table. */
const MAXIMUM_BYTES = { rotation: 660_000, overdue: 220_000, restart: 221_000 };

const AWS_PACKAGES = [
  '@aws-lambda-powertools/commons',
  '@aws-lambda-powertools/logger',
  '@aws-sdk/core',
  '@aws-sdk/credential-provider-env',
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-node',
  '@aws/lambda-invoke-store',
  '@smithy/core',
  '@smithy/credential-provider-imds',
  '@smithy/node-http-handler',
  '@smithy/signature-v4',
  '@smithy/types',
];

const PACKAGES = {
  rotation: [
    ...AWS_PACKAGES,
    '@aws-lambda-powertools/metrics',
    '@aws-sdk/client-eventbridge',
    '@aws-sdk/client-secrets-manager',
    '@aws-sdk/signature-v4-multi-region',
    '@grpc/grpc-js',
    '@protobufjs/aspromise',
    '@protobufjs/base64',
    '@protobufjs/eventemitter',
    '@protobufjs/float',
    '@protobufjs/pool',
    '@protobufjs/utf8',
    '@zilliz/milvus2-sdk-node',
    'generate-password',
    'generic-pool',
    'protobufjs',
  ],
  overdue: [...AWS_PACKAGES, '@aws-lambda-powertools/metrics', '@aws-sdk/client-secrets-manager'],
  restart: [...AWS_PACKAGES, '@aws-sdk/client-ecs'],
};

describe.each(NAMES)('the bundle of the function %s', (fn) => {
  it('is within its budget of bytes', () => {
    expect(
      Buffer.byteLength(bundleOf(fn).code),
      'An update or an import made the bundle larger. Leave modules out (build/left-out.ts), or raise the budget.',
    ).toBeLessThan(MAXIMUM_BYTES[fn]);
  });

  it('imports no module at run time, because Node then reads every export of a built-in module', () => {
    expect(bundleOf(fn).code).not.toMatch(/\bimport\s*\(/);
  });

  it('has only these packages, whose licences allow to ship their code together with its text', () => {
    const packages = bundledPackages(PROJECT, bundleOf(fn).files);
    expect(packages.filter(({ license }) => !ALLOWED_LICENCES.includes(license))).toEqual([]);
    const notices = thirdPartyNotices(PROJECT, bundleOf(fn).files).split('='.repeat(80)).slice(1);
    const names = notices.map((notice) => notice.split(' ')[0]?.trim());
    expect(names, 'An update or an import changed the packages in the bundle.').toEqual(PACKAGES[fn].toSorted());
    // MIT-0 asks for nothing. Apache-2.0 asks for one copy of its text.
    const named = notices.filter((notice) => /\((MIT|BSD-3-Clause)\)/.test(notice.split('\n')[1] ?? ''));
    expect(named.filter((notice) => !/^Copyright/m.test(notice) || notice.length < 1000)).toEqual([]);
    expect(notices.join('')).toContain('TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION');
  });

  it('loads without any module beside it', async () => {
    const folder = newFolder();
    await bundleFunction(fn, folder);
    const env = { AWS_REGION: 'eu-central-1', ALLOWED_ENDPOINTS: '127.0.0.1' };
    const program = 'process.stdout.write(typeof require(process.argv[1]).handler)';
    const { stdout, stderr } = await run(process.execPath, ['--eval', program, join(folder, 'index.js')], { env });
    expect({ stdout, stderr }).toEqual({ stdout: 'function', stderr: '' });
  });
});

it('a bundle is the same in another folder with a link to node_modules, and is refused if node_modules is beside the project', async () => {
  const project = join(newFolder(), 'project');
  for (const path of ['adapters', 'build', 'lambda', 'protocol', 'telemetry', 'package.json', 'tsconfig.json']) {
    cpSync(join(PROJECT, path), join(project, path), { recursive: true });
  }
  const build = () => run(process.execPath, [join(project, 'build/bundle.ts'), 'rotation'], { maxBuffer: 2 ** 26 });
  symlinkSync(join(PROJECT, 'node_modules'), join(project, 'node_modules'), 'junction');
  // A deployment thus replaces nothing.
  const isSame = (await build()).stdout === bundleOf('rotation').code;
  expect(isSame, 'The bundles differ.').toBe(true);
  renameSync(join(project, 'node_modules'), join(project, '../node_modules'));
  await expect(build()).rejects.toThrow(`${join(project, 'node_modules')}: npm ci`);
});
