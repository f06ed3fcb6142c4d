import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMilvusCluster } from '../../cluster/milvus-cluster.ts';
import { deployApp } from '../../local/cloud/cdk.ts';
import { NODE_BIN, PROJECT } from '../../local/project.ts';
import { parseDocument } from '../../secret/document.ts';
import { currentValue, newSecret, rotateToItsEnd, rotationSettles } from '../support/deployed-rotation.ts';
import { awsOptions, newClusterUser, servers, uniqueName } from '../support/servers.ts';
import { installIntoEmptyApp, pack, runIn, succeedIn } from './support/empty-app.ts';

/** What somebody writes who has read the README. The second construct is for the second function in the package. */
const APP = `import { readFileSync } from 'node:fs';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CredentialRotation, OverdueCheck, RotationSchedule } from 'zilliz-secret-rotation';

const app = new App();
const given = (key: string): string => String(app.node.getContext(key));
const stack = new Stack(app, given('stack'));
const { rotationFunction } = new CredentialRotation(stack, 'Rotation', {
  secret: Secret.fromSecretNameV2(stack, 'Orders', given('secret')),
  schedule: RotationSchedule.rate(Duration.days(30)),
  allowedEndpoints: ['localhost', '127.0.0.1'],
  certificateAuthority: readFileSync(given('ca'), 'utf8'),
});
const overdue = new OverdueCheck(stack, 'Overdue', { rotationFunction });
new CfnOutput(stack, 'OverdueCheckArn', { value: overdue.function.functionArn });
`;

/** `npm pack`, installed into an empty CDK app outside of this project. */
describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  const app = join(folder, 'app');
  const installed = join(app, 'node_modules', 'zilliz-secret-rotation');
  let tarball: string;

  beforeAll(async () => {
    tarball = await pack(folder);
    await installIntoEmptyApp(tarball, app);
    writeFileSync(join(app, 'app.ts'), APP);
    writeFileSync(join(app, 'cdk.json'), JSON.stringify({ app: 'node app.ts' }));
  }, 120_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const files = (): string[] =>
    readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((file) =>
      statSync(join(installed, file)).isFile(),
    );

  it('holds JavaScript with its types, the bundled functions and the documents, and nothing else', () => {
    const kinds = [
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|rotation\.yaml|infra\/rotation\.schema\.json)$/,
      /^docs\/[\w/-]+\.md$/,
      /^cli\/zilliz-rotation\.mjs$/,
      /^dist\/(infra|cluster|secret)\/[\w/-]+\.(js|d\.ts)$/,
      /^dist\/cli\/[\w/-]+\.js$/,
      /^dist\/infra\/functions\/rotation\/index\.mjs$/,
      /^dist\/infra\/functions\/overdue\/index\.mjs$/,
      /^dist\/infra\/functions\/THIRD-PARTY-NOTICES\.txt$/,
    ];
    expect(files().filter((file) => !kinds.some((kind) => kind.test(file)))).toEqual([]);
    for (const kind of kinds) {
      expect(files().filter((file) => kind.test(file))).not.toEqual([]);
    }
  });

  it('says nothing of the machine that built it', () => {
    const telling = files().filter((file) => readFileSync(join(installed, file), 'utf8').includes(PROJECT));
    expect(telling).toEqual([]);
  });

  it('passes publint and attw', async () => {
    const { messages } = await publint({ pkgDir: installed, level: 'suggestion', strict: true, pack: false });
    expect(messages).toEqual([]);
    const attw = await runIn(folder, join(NODE_BIN, 'attw'), [tarball, '--profile', 'esm-only']);
    expect(attw).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('node16 (from ESM): 🟢 (ESM)') });
  });

  it('has types that a strict compiler accepts, theirs and those of the app', async () => {
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2024', '--noEmit'];
    const types = ['--typeRoots', join(PROJECT, 'node_modules', '@types'), '--types', 'node'];
    await succeedIn(app, join(NODE_BIN, 'tsc'), [...options, ...types, 'app.ts']);
  });

  it('can be required by an app that is CommonJS', async () => {
    const program = "console.log(typeof require('zilliz-secret-rotation').CredentialRotation)";
    expect(await succeedIn(app, 'node', ['--eval', program])).toBe('function\n');
  });

  it('brings the command', async () => {
    const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { version: string };
    const command = join('node_modules', '.bin', 'zilliz-rotation');
    expect(await succeedIn(app, command, ['--version'])).toBe(`${version}\n`);
    expect(await succeedIn(app, command, ['--help'])).toContain('rotate [options] <secret...>');
  });

  it('deploys both functions from the app, without esbuild, and rotates a secret', async () => {
    expect(readdirSync(join(app, 'node_modules'))).not.toContain('esbuild');
    const { access } = servers();
    const user = await newClusterUser('tls');
    const { username, password: before } = user;
    const secret = await newSecret(JSON.stringify({ endpoint: user.endpoint.url, username, password: before }));
    const stack = uniqueName('Package').replace('_', '');
    const written = join(folder, 'cdk');
    mkdirSync(written);
    const context = Object.entries({ stack, secret, ca: access.caFile });
    const options = context.flatMap(([key, value]) => ['--context', `${key}=${value}`]);
    const { outputs } = await deployApp(access, app, written, options);

    await rotationSettles(secret);
    await rotateToItsEnd(secret);
    const { password } = parseDocument(await currentValue(secret));
    expect(password).not.toBe(before);
    const cluster = createMilvusCluster({ privateCa: access.milvus.tls.caPem });
    expect((await cluster.authenticates({ ...user, password })).kind).toBe('accepted');
    expect((await cluster.authenticates({ ...user, password: before })).kind).toBe('rejected');

    const overdue = await new LambdaClient(awsOptions()).send(
      new InvokeCommand({ FunctionName: outputs[stack]?.['OverdueCheckArn'] ?? '' }),
    );
    expect(overdue.FunctionError).toBeUndefined();
  });
});
