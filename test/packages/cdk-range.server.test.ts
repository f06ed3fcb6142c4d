import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NODE_BIN, PROJECT } from '../../local/project.ts';
import { servers } from '../support/servers.ts';
import { extract, pack, succeedIn } from './support/packed.ts';

/** Writes the assembly of each example, and of the sample configuration file. */
const SYNTH = `import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { readConfiguration, rotationStacks } from 'zilliz-secret-rotation';
import { EXAMPLES } from './test/infra/support/examples.ts';

const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
const sample = (app) => rotationStacks(app, readConfiguration('rotation.yaml'));
for (const [name, build] of Object.entries({ ...EXAMPLES, 'rotation.yaml': sample })) {
  const app = new App({ outdir: 'cdk.out/' + name, context, analyticsReporting: false });
  build(app);
  app.synth();
}
`;

/**
 * Synthesizes with the packed constructs.
 *
 * @param cdk the folder in node_modules that serves as `aws-cdk-lib`.
 * @param constructs the folder in node_modules that serves as `constructs`.
 */
async function templatesWith(cdk: string, constructs: string): Promise<Record<string, unknown>> {
  const app = mkdtempSync(join(servers().access.stateDir, `${cdk}-`));
  await extract(await pack('packages/constructs'), app);
  for (const [name, folder] of Object.entries({ 'aws-cdk-lib': cdk, constructs })) {
    symlinkSync(join(PROJECT, 'node_modules', folder), join(app, 'node_modules', name));
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
  const [oldest, newest] = await Promise.all([
    templatesWith('aws-cdk-lib-oldest', 'constructs-oldest'),
    templatesWith('aws-cdk-lib', 'constructs'),
  ]);
  expect(Object.keys(newest).length).toBeGreaterThan(11);
  expect(oldest).toEqual(newest);
});

it('the manifest of the constructs names the oldest releases that the test above runs with', () => {
  const read = (file: string) => JSON.parse(readFileSync(join(PROJECT, file), 'utf8')) as Record<string, unknown>;
  const versionOf = (folder: string) => String(read(join('node_modules', folder, 'package.json'))['version']);
  expect(read('packages/constructs/package.json')['peerDependencies']).toEqual({
    'aws-cdk-lib': `^${versionOf('aws-cdk-lib-oldest')}`,
    constructs: `^${versionOf('constructs-oldest')}`,
  });
  const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8');
  expect(readme).toContain(`any \`aws-cdk-lib\` from ${versionOf('aws-cdk-lib-oldest')}`);
});
