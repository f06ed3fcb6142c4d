import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { NODE_BIN, PROJECT } from '../../local/project.ts';
import { servers } from '../support/servers.ts';
import { initCdkApp } from './support/cdk-app.ts';
import { extract, pack, runIn, succeedIn } from './support/packed.ts';

const NODE_24 = join(NODE_BIN, 'node');
/** The oldest Node that the packages support. */
const NODE_22 = join(PROJECT, 'node_modules', 'node22', 'bin', 'node');

/**
 * The compiler options that `cdk init` wrote while its apps ran with ts-node. A test with attw
 * checks that the types resolve with these options, faster than ts-node.
 */
const TS_NODE_CONFIG = {
  compilerOptions: {
    target: 'ES2022',
    module: 'commonjs',
    lib: ['es2022'],
    declaration: true,
    strict: true,
    noImplicitReturns: true,
    inlineSourceMap: true,
    inlineSources: true,
    experimentalDecorators: true,
    strictPropertyInitialization: false,
    typeRoots: ['./node_modules/@types'],
  },
};

const TEST = `import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { OrdersStack } from '../lib/orders-stack';

test('the stack rotates', () => {
  const stack = new OrdersStack(new App(), 'OrdersStack');
  Template.fromStack(stack).resourceCountIs('AWS::SecretsManager::RotationSchedule', 1);
});
`;

const FILES = {
  'test/orders.test.ts': TEST,
  'tsconfig.ts-node.json': JSON.stringify(TS_NODE_CONFIG),
  'app.cjs': `const { App, Stack } = require('aws-cdk-lib');
const { CredentialRotation } = require('zilliz-secret-rotation');
const endpoint = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530';
new CredentialRotation(new Stack(new App(), 'OrdersStack'), 'Rotation', { endpoint, username: 'orders' });
`,
  'app.mjs': `import { createRequire } from 'node:module';
import { App, Stack } from 'aws-cdk-lib';
import { CredentialRotation } from 'zilliz-secret-rotation';
const endpoint = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530';
new CredentialRotation(new Stack(new App(), 'OrdersStack'), 'Rotation', { endpoint, username: 'orders' });
if (createRequire(import.meta.url)('zilliz-secret-rotation').CredentialRotation !== CredentialRotation) {
  throw new Error('The constructs were loaded twice.');
}
`,
};

describe('the packed constructs, in an app of cdk init', () => {
  let app: string;

  beforeAll(async () => {
    app = await initCdkApp();
    for (const [file, text] of Object.entries(FILES)) {
      writeFileSync(join(app, file), text);
    }
  });

  it.each([
    ['tsx, as cdk.json of cdk init says', join(NODE_BIN, 'tsx'), ['bin/orders.ts']],
    [
      'ts-node, as cdk.json said before',
      join(NODE_BIN, 'ts-node'),
      ['--transpile-only', '--prefer-ts-exts', '--project', 'tsconfig.ts-node.json', 'bin/orders.ts'],
    ],
    ['require, on Node 22.13', NODE_22, ['app.cjs']],
    ['import, on Node 24', NODE_24, ['app.mjs']],
  ])('load with %s, and synth finds the bundle', async (_, command, args) => {
    const CDK_OUTDIR = mkdtempSync(join(app, 'cdk-'));
    await succeedIn(app, command, args, { CDK_OUTDIR });
    const files = readdirSync(CDK_OUTDIR, { recursive: true, encoding: 'utf8' });
    expect(readFileSync(join(CDK_OUTDIR, 'OrdersStack.template.json'), 'utf8')).toContain(
      'AWS::SecretsManager::RotationSchedule',
    );
    expect(files).toContainEqual(expect.stringMatching(/^asset\.\w+.index\.js$/));
  });

  it.each([
    ['jest as cdk init configures it', 'jest', ['--ci', '--testTimeout', '60000']],
    ['vitest', 'vitest', ['run', '--root', '.', '--globals', '--testTimeout', '60000']],
  ])('load in a test with %s', async (_, command, args) => {
    const { exitCode, stdout, stderr } = await runIn(app, join(NODE_BIN, command), args, { NO_COLOR: '1' });
    expect(stdout + stderr).toMatch(/^ *Tests:? +1 passed/m);
    expect(exitCode).toBe(0);
  });

  it('compile with the tsconfig.json of cdk init, which refuses a wrong prop', async () => {
    await succeedIn(app, join(NODE_BIN, 'tsc'), []);
    const stack = join(app, 'lib', 'orders-stack.ts');
    const right = readFileSync(stack, 'utf8');
    writeFileSync(stack, right.replace('schedule:', 'shedule:'));
    const { stdout } = await runIn(app, join(NODE_BIN, 'tsc'), []);
    writeFileSync(stack, right);
    expect(stdout).toContain("'shedule' does not exist in type 'CredentialRotationProps'");
  });
});

it('the packed client can be required, on Node 22.13', async () => {
  const app = mkdtempSync(join(servers().access.stateDir, 'client-app-'));
  await extract(await pack('packages/client'), app);
  const program = "console.log(typeof require('zilliz-secret-client').createRotatingClient)";
  expect(await succeedIn(app, NODE_22, ['--eval', program])).toBe('function\n');
});
