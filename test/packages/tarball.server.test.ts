import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lambda } from '@aws-sdk/client-lambda';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMilvusCluster } from '../../adapters/grpc/milvus-cluster.ts';
import { bundle, FUNCTIONS } from '../../build/function-bundle.ts';
import { thirdPartyNotices } from '../../build/third-party-notices.ts';
import { awsEnvironment } from '../../local/cloud/access.ts';
import { deployApp } from '../../local/cloud/cdk.ts';
import { NODE_BIN, PROJECT } from '../../local/project.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
import { currentValue, newSecret, rotateToItsEnd, rotationSettles } from '../support/deployed-rotation.ts';
import { isDead, linksIn } from '../support/links.ts';
import { serve } from '../support/loopback.ts';
import { awsOptions, documentOf, newClusterUser, servers, uniqueName } from '../support/servers.ts';
import { installIntoEmptyApp, type Packed, pack, runIn, succeedIn } from './support/packed.ts';

/**
 * An app as a reader of the README writes it. OverdueCheck uses the second function of the
 * package.
 */
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

const temporary = mkdtempSync(join(tmpdir(), 'packages-'));

afterAll(() => {
  rmSync(temporary, { recursive: true, force: true });
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );
}

/** The names of all packages that npm installed into the app, nested packages included. */
function packagesIn(app: string): string[] {
  const record = readFileSync(join(app, 'node_modules', '.package-lock.json'), 'utf8');
  const { packages } = JSON.parse(record) as { packages: object };
  return Object.keys(packages).map((path) => path.split('node_modules/').at(-1) ?? '');
}

/** Expects that every file is of one of these kinds, and that there is a file of every kind. */
function expectKinds(files: readonly string[], kinds: readonly RegExp[]): void {
  expect(files.filter((file) => !kinds.some((kind) => kind.test(file)))).toEqual([]);
  for (const kind of kinds) {
    expect(files.filter((file) => kind.test(file))).not.toEqual([]);
  }
}

/** The modules of the client with an example. */
const EXAMPLES_IN: Readonly<Record<string, string>> = {
  createRotatingClient: 'rotating-client',
  createRotatingCredentials: 'refresh/rotating-credentials',
};

const DOCUMENTS = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^docs\/[\w/-]+\.md$/,
  /^docs\/images\/[\w-]+\.(svg|webp)$/,
  /^docs\/schemas\/[\w-]+\.schema\.json$/,
];

const STRICT = ['--strict', '--module', 'nodenext', '--target', 'es2024', '--noEmit'];
const NODE_TYPES = ['--typeRoots', join(PROJECT, 'node_modules', '@types'), '--types', 'node'];

/** Expects that each link leads to a file of the package, or of this version in the repository. */
function expectLinks({ folder }: Packed, installed: string): void {
  const { version, repository } = JSON.parse(readFileSync(join(PROJECT, folder, 'package.json'), 'utf8')) as {
    version: string;
    repository: { url: string };
  };
  const inRepository = `${repository.url.slice('git+'.length, -'.git'.length)}/blob/v${version}/`;
  const links = globSync(['*.md', 'docs/**/*.md'], { cwd: installed }).flatMap((page) =>
    linksIn(join(installed, page)).map((link) => ({ page, link })),
  );
  const dead = links.filter(({ page, link }) =>
    link.startsWith(inRepository)
      ? isDead(link.slice(inRepository.length), join(PROJECT, 'README.md'))
      : !/^https?:/.test(link) && isDead(link, join(installed, page)),
  );
  expect(links).not.toEqual([]);
  expect(dead).toEqual([]);
}

async function expectValidPackage({ tarball }: Packed, installed: string): Promise<void> {
  const mentions = filesIn(installed).filter((file) => readFileSync(join(installed, file), 'utf8').includes(PROJECT));
  expect(mentions).toEqual([]);
  const { messages } = await publint({ pkgDir: installed, level: 'suggestion', strict: true, pack: false });
  expect(messages).toEqual([]);
  const attw = await runIn(temporary, join(NODE_BIN, 'attw'), [
    tarball,
    '--profile',
    'strict',
    '--exclude-entrypoints',
    'rotation.schema.json',
  ]);
  expect(attw.stdout).toMatch(/node16 \(from ESM\)[: │]+🟢 \(CJS\)/);
  expect(attw.exitCode, attw.stdout).toBe(0);
}

describe('the package of the constructs', () => {
  const app = join(temporary, 'constructs');
  let packed: Packed;
  let installed: string;

  beforeAll(async () => {
    packed = await pack('packages/constructs');
    installed = await installIntoEmptyApp(packed, app);
    writeFileSync(join(app, 'app.ts'), APP);
    writeFileSync(join(app, 'cdk.json'), JSON.stringify({ app: 'node app.ts' }));
  });

  it('holds JavaScript with its types, the bundled functions and the documents, and nothing else', () => {
    expectKinds(filesIn(installed), [
      ...DOCUMENTS,
      /^(rotation\.yaml|infra\/rotation\.schema\.json)$/,
      /^dist\/(infra|cluster|redaction|secret|telemetry)\/[\w/-]+\.(js|d\.ts)$/,
      /^dist\/functions\/rotation\/index\.js$/,
      /^dist\/functions\/overdue\/index\.js$/,
      /^dist\/functions\/THIRD-PARTY-NOTICES\.txt$/,
    ]);
  });

  it('holds the bundles that a clone deploys, and the licences of all code in them', async () => {
    const functions = join(installed, 'dist', 'functions');
    const bundled: string[] = [];
    for (const [fn, entry] of Object.entries(FUNCTIONS)) {
      const { code, files } = await bundle(entry);
      expect(readFileSync(join(functions, fn, 'index.js'), 'utf8') === code, fn).toBe(true);
      bundled.push(...files);
    }
    const notices = readFileSync(join(functions, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    expect(notices).toBe(thirdPartyNotices(PROJECT, bundled));
  });

  it('names no path of the machine that built it, and passes publint and attw', async () => {
    await expectValidPackage(packed, installed);
  });

  it('has no dead link', () => {
    expectLinks(packed, installed);
  });

  it('brings nothing that only the CLI or the build needs', () => {
    const installedPackages = packagesIn(app);
    expect(installedPackages).toEqual(expect.arrayContaining(['aws-cdk-lib', 'constructs', 'yaml', 'zod']));
    expect(installedPackages.filter((name) => /^(commander|listr2|esbuild|@zilliz\/|@aws-sdk\/)/.test(name))).toEqual(
      [],
    );
  });

  it('has types that a strict compiler accepts, both its own and those of an app', async () => {
    await succeedIn(app, join(NODE_BIN, 'tsc'), [...STRICT, ...NODE_TYPES, 'app.ts']);
  });

  it('deploys both functions from the app and rotates a secret', async () => {
    const { access } = servers();
    const user = await newClusterUser('tls');
    const { username, password: before } = user;
    const secret = await newSecret(JSON.stringify({ endpoint: user.endpoint.url, username, password: before }));
    const stack = uniqueName('Package').replace('_', '');
    const written = join(temporary, 'cdk');
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

    const overdue = await new Lambda(awsOptions()).invoke({ FunctionName: outputs[stack]?.['OverdueCheckArn'] ?? '' });
    expect(overdue.FunctionError).toBeUndefined();
  });
});

describe('the package of the CLI', () => {
  const app = join(temporary, 'cli');
  let packed: Packed;
  let installed: string;

  beforeAll(async () => {
    packed = await pack('packages/cli');
    installed = await installIntoEmptyApp(packed, app);
  });

  it('holds JavaScript, the launcher and the documents, and nothing else', () => {
    expectKinds(filesIn(installed), [
      ...DOCUMENTS,
      /^zilliz-rotation\.mjs$/,
      /^dist\/(cli|cluster|credential|redaction|secret|telemetry)\/[\w/-]+\.js$/,
    ]);
  });

  it('has no dead link', () => {
    expectLinks(packed, installed);
  });

  it('brings the SDKs and not the CDK', () => {
    const installedPackages = packagesIn(app);
    expect(installedPackages).toEqual(expect.arrayContaining(['@zilliz/milvus2-sdk-node', 'commander', 'listr2']));
    expect(installedPackages.filter((name) => /^(aws-cdk|@aws-cdk|constructs$|zilliz-secret-)/.test(name))).toEqual([]);
  });

  it('runs the command from its compiled modules, even in an app that has a file cli/main.ts', async () => {
    mkdirSync(join(app, 'cli'));
    writeFileSync(join(app, 'cli', 'main.ts'), "throw new Error('the wrong file');");
    const command = join('node_modules', '.bin', 'zilliz-rotation');
    expect(await succeedIn(app, command, ['--version'])).toBe(`${packed.version}\n`);
    expect(await succeedIn(app, command, ['--help'])).toContain('rotate [options] [secret...]');
  });
});

describe('the package of the client', () => {
  const app = join(temporary, 'client');
  let packed: Packed;
  let installed: string;

  beforeAll(async () => {
    packed = await pack('packages/client');
    installed = await installIntoEmptyApp(packed, app);
  });

  it('holds JavaScript with its types, and its own README', () => {
    expectKinds(filesIn(installed), [
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
      /^dist\/(client|cluster|redaction|secret)\/[\w/-]+\.(js|d\.ts)$/,
    ]);
    expect(readFileSync(join(installed, 'README.md'), 'utf8')).toMatch(/^# zilliz-secret-client\n/);
  });

  it('has the size and the direct dependencies that its README states', () => {
    const facts = readFileSync(join(installed, 'README.md'), 'utf8').split('## Facts')[1] ?? '';
    const [, count, names = ''] = /direct dependencies \| (\d): (.*) \(/.exec(facts) ?? [];
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { dependencies: object };
    expect([...names.matchAll(/`(.*?)`/g)].map(([, name]) => name)).toEqual(Object.keys(manifest.dependencies));
    expect(Number(count)).toBe(Object.keys(manifest.dependencies).length);
    expect(Number(count)).toBeLessThanOrEqual(5);

    const [, packedKilobytes, unpackedKilobytes] = /at most (\d+) kB packed, (\d+) kB unpacked/.exec(facts) ?? [];
    const sizes = filesIn(installed).map((file) => statSync(join(installed, file)).size);
    expect(statSync(packed.tarball).size).toBeLessThanOrEqual(Number(packedKilobytes) * 1000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(Number(unpackedKilobytes) * 1000);
  });

  it('brings neither the CDK nor the CLI', () => {
    const installedPackages = packagesIn(app);
    expect(installedPackages).toEqual(expect.arrayContaining(['@zilliz/milvus2-sdk-node', '@grpc/grpc-js']));
    expect(
      installedPackages.filter((name) => /^(aws-cdk|constructs$|commander$|zilliz-(secret-)?rotation)/.test(name)),
    ).toEqual([]);
  });

  it('names no path of the machine that built it, and passes publint and attw', async () => {
    await expectValidPackage(packed, installed);
  });

  it('has no dead link', () => {
    expectLinks(packed, installed);
  });

  it('has examples that compile and run', async () => {
    const { access } = servers();
    const rest = createServer((_request, response) => response.end('{"code":0,"data":[]}'));
    const { url } = await serve(rest);
    const user = await newClusterUser('plaintext', ['admin']);
    const secrets = {
      createRotatingClient: await newSecret(documentOf(user)),
      createRotatingCredentials: await newSecret(JSON.stringify({ ...user, endpoint: url })),
    };
    for (const [name, secret] of Object.entries(secrets)) {
      const declarations = readFileSync(join(installed, 'dist', 'client', `${EXAMPLES_IN[name]}.d.ts`), 'utf8');
      const example =
        (declarations.split('@example\n')[1] ?? '')
          .split('*/')[0]
          ?.replaceAll(/^ *\* ?/gm, '')
          .trim() ?? '';
      const imports = `import { ${name} } from '${packed.name}';\n`;
      // The README shows each example. One example is in a list, so its lines are indented.
      const readme = readFileSync(join(installed, 'README.md'), 'utf8');
      expect(`${readme}${readme.replaceAll(/^ {3}/gm, '')}`).toContain(`${imports}\n${example}\n`);
      const program = `${imports}${example.replace('milvus/orders', secret)}\nconsole.log('ran');\n`;
      writeFileSync(join(app, `${name}.ts`), program);
      await succeedIn(app, join(NODE_BIN, 'tsc'), [
        ...STRICT,
        ...NODE_TYPES,
        '--lib',
        'es2024,esnext.disposable',
        '--skipLibCheck',
        `${name}.ts`,
      ]);
      expect(await succeedIn(app, 'node', [`${name}.ts`], awsEnvironment(access))).toBe('ran\n');
    }
  });
});
