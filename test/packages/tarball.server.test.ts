import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Lambda } from '@aws-sdk/client-lambda';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMilvusCluster } from '../../adapters/grpc/milvus-cluster.ts';
import { thirdPartyNotices } from '../../build/bundled-packages.ts';
import { bundle, FUNCTIONS } from '../../build/function-bundle.ts';
import { awsEnvironment } from '../../local/cloud/access.ts';
import { deployApp } from '../../local/cloud/cdk.ts';
import { NODE_BIN, PROJECT } from '../../local/project.ts';
import { parseDocument } from '../../protocol/secret/document.ts';
import { currentValue, newSecret, rotateToItsEnd, rotationSettles } from '../support/deployed-rotation.ts';
import { isDead, linksIn } from '../support/links.ts';
import { serve } from '../support/loopback.ts';
import { awsOptions, documentOf, newClusterUser, servers, uniqueName } from '../support/servers.ts';
import { installIntoEmptyApp, type Packed, pack, succeedIn } from './support/packed.ts';

const temporary = mkdtempSync(join(tmpdir(), 'packages-'));

afterAll(() => {
  rmSync(temporary, { recursive: true, force: true });
});

const DOCUMENTS = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^docs\/[\w/-]+\.md$/,
  /^docs\/images\/[\w-]+\.(svg|webp)$/,
  /^docs\/schemas\/[\w-]+\.schema\.json$/,
];

interface Expected {
  /** Each file is of one of these kinds, and there is a file of each kind. */
  readonly files: readonly RegExp[];
  /** Packages that npm installs together with the package. */
  readonly brings: readonly string[];
  readonly bringsNot: RegExp;
}

const EXPECTED: Readonly<Record<'constructs' | 'cli' | 'client', Expected>> = {
  constructs: {
    files: [
      ...DOCUMENTS,
      /^(rotation\.yaml|infra\/rotation\.schema\.json)$/,
      /^dist\/(infra|protocol|telemetry)\/[\w/-]+\.(js|d\.ts)$/,
      /^dist\/functions\/(rotation|overdue)\/index\.js$/,
      /^dist\/functions\/THIRD-PARTY-NOTICES\.txt$/,
    ],
    brings: ['aws-cdk-lib', 'constructs', 'yaml', 'zod'],
    bringsNot: /^(commander|listr2|esbuild|@zilliz\/|@aws-sdk\/)/,
  },
  cli: {
    files: [...DOCUMENTS, /^zilliz-rotation\.mjs$/, /^dist\/(cli|protocol|adapters|telemetry)\/[\w/-]+\.js$/],
    brings: ['@zilliz/milvus2-sdk-node', 'commander', 'listr2'],
    bringsNot: /^(aws-cdk|@aws-cdk|constructs$|zilliz-secret-)/,
  },
  client: {
    files: [
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
      /^dist\/(client|protocol|adapters)\/[\w/-]+\.(js|d\.ts)$/,
    ],
    brings: ['@zilliz/milvus2-sdk-node', '@grpc/grpc-js'],
    bringsNot: /^(aws-cdk|constructs$|commander$|zilliz-(secret-)?rotation)/,
  },
};

type Name = keyof typeof EXPECTED;

interface Installed {
  readonly packed: Packed;
  /** The folder of the app, and that of the package in its node_modules. */
  readonly app: string;
  readonly folder: string;
}

const all = new Map<Name, Installed>();

beforeAll(async () => {
  for (const name of Object.keys(EXPECTED) as Name[]) {
    const packed = await pack(`packages/${name}`);
    const app = join(temporary, name);
    all.set(name, { packed, app, folder: await installIntoEmptyApp(packed, app) });
  }
});

const installed = (name: Name): Installed => all.get(name) as Installed;

describe.each(Object.entries(EXPECTED))('the package of the %s', (name, { files, brings, bringsNot }) => {
  const filesOf = (): string[] => {
    const { folder } = installed(name as Name);
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      statSync(join(folder, file)).isFile(),
    );
  };

  it('holds these kinds of files and no others, and no path of the machine that built it', () => {
    const { folder } = installed(name as Name);
    expect(filesOf().filter((file) => !files.some((kind) => kind.test(file)))).toEqual([]);
    expect(files.filter((kind) => !filesOf().some((file) => kind.test(file)))).toEqual([]);
    expect(filesOf().filter((file) => readFileSync(join(folder, file), 'utf8').includes(PROJECT))).toEqual([]);
  });

  it('brings the packages that it needs, and none of another package', () => {
    const record = readFileSync(join(installed(name as Name).app, 'node_modules', '.package-lock.json'), 'utf8');
    const { packages } = JSON.parse(record) as { packages: object };
    const names = Object.keys(packages).map((path) => path.split('node_modules/').at(-1) ?? '');
    expect(names).toEqual(expect.arrayContaining([...brings]));
    expect(names.filter((each) => bringsNot.test(each))).toEqual([]);
  });

  it('passes publint', async () => {
    const { folder } = installed(name as Name);
    const { messages } = await publint({ pkgDir: folder, level: 'suggestion', strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  it('links to files that it has, or that this version has in the repository', () => {
    const { folder, packed } = installed(name as Name);
    const { version, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      version: string;
      repository: { url: string };
    };
    const inRepository = `${repository.url.slice('git+'.length, -'.git'.length)}/blob/v${version}/`;
    const links = globSync(['*.md', 'docs/**/*.md'], { cwd: folder }).flatMap((page) =>
      linksIn(join(folder, page)).map((link) => ({ page, link })),
    );
    const dead = links.filter(({ page, link }) =>
      link.startsWith(inRepository)
        ? isDead(link.slice(inRepository.length), join(PROJECT, 'README.md'))
        : !/^https?:/.test(link) && isDead(link, join(folder, page)),
    );
    expect(links, packed.name).not.toEqual([]);
    expect(dead).toEqual([]);
  });
});

const STRICT = ['--strict', '--module', 'nodenext', '--target', 'es2024', '--noEmit'];
const NODE_TYPES = ['--typeRoots', join(PROJECT, 'node_modules', '@types'), '--types', 'node'];

/** An app as a reader of the README writes it. OverdueCheck uses the second function. */
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

describe('the packed constructs', () => {
  it('hold the bundles that a clone deploys, and the licences of all code in them', async () => {
    const functions = join(installed('constructs').folder, 'dist', 'functions');
    const bundled: string[] = [];
    for (const [fn, entry] of Object.entries(FUNCTIONS)) {
      const { code, files } = await bundle(entry);
      expect(readFileSync(join(functions, fn, 'index.js'), 'utf8') === code, fn).toBe(true);
      bundled.push(...files);
    }
    const notices = readFileSync(join(functions, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    expect(notices).toBe(thirdPartyNotices(PROJECT, bundled));
  });

  it('have types that a strict compiler accepts in ES modules and in CommonJS, and that refuse a wrong prop', async () => {
    const { app } = installed('constructs');
    writeFileSync(join(app, 'app.ts'), APP);
    writeFileSync(join(app, 'app.cts'), APP);
    await succeedIn(app, join(NODE_BIN, 'tsc'), [...STRICT, ...NODE_TYPES, 'app.ts', 'app.cts']);
    writeFileSync(join(app, 'wrong.ts'), APP.replace('schedule:', 'shedule:'));
    await expect(succeedIn(app, join(NODE_BIN, 'tsc'), [...STRICT, ...NODE_TYPES, 'wrong.ts'])).rejects.toThrow(
      "'shedule' does not exist in type 'CredentialRotationProps'",
    );
  });

  it('deploy both functions from an app and rotate a secret', async () => {
    const { app } = installed('constructs');
    writeFileSync(join(app, 'app.ts'), APP);
    writeFileSync(join(app, 'cdk.json'), JSON.stringify({ app: 'node app.ts' }));
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

describe('the packed command', () => {
  it('runs from its compiled modules, even in an app that has a file cli/main.ts', async () => {
    const { app, packed } = installed('cli');
    mkdirSync(join(app, 'cli'));
    writeFileSync(join(app, 'cli', 'main.ts'), "throw new Error('the wrong file');");
    const command = join('node_modules', '.bin', 'zilliz-rotation');
    expect(await succeedIn(app, command, ['--version'])).toBe(`${packed.version}\n`);
    expect(await succeedIn(app, command, ['--help'])).toContain('rotate [options] [secret...]');
  });
});

/** The modules of the client with an example. */
const EXAMPLES_IN: Readonly<Record<string, string>> = {
  createRotatingClient: 'rotating-client',
  createRotatingCredentials: 'rotating-credentials',
};

describe('the packed client', () => {
  it('has at most the size that its README states', () => {
    const { folder, packed } = installed('client');
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    const [, packedKilobytes] = /at most (\d+) kB packed/.exec(readme) ?? [];
    expect(statSync(packed.tarball).size).toBeLessThanOrEqual(Number(packedKilobytes) * 1000);
  });

  it('has examples that compile and run', async () => {
    const { app, folder, packed } = installed('client');
    const { access } = servers();
    const rest = createServer((_request, response) => response.end('{"code":0,"data":[]}'));
    const { url } = await serve(rest);
    const user = await newClusterUser('plaintext', ['admin']);
    const secrets = {
      createRotatingClient: await newSecret(documentOf(user)),
      createRotatingCredentials: await newSecret(JSON.stringify({ ...user, endpoint: url })),
    };
    for (const [name, secret] of Object.entries(secrets)) {
      const declarations = readFileSync(join(folder, 'dist', 'client', `${EXAMPLES_IN[name]}.d.ts`), 'utf8');
      const [example = ''] = (declarations.split('@example\n')[1] ?? '').split('*/');
      const code = example.replaceAll(/^ *\* ?/gm, '').trim();
      const program = `import { ${name} } from '${packed.name}';
${code.replace('milvus/orders', secret)}
console.log('ran');
`;
      writeFileSync(join(app, `${name}.ts`), program);
      const libraries = ['--lib', 'es2024,esnext.disposable', '--skipLibCheck'];
      await succeedIn(app, join(NODE_BIN, 'tsc'), [...STRICT, ...NODE_TYPES, ...libraries, `${name}.ts`]);
      expect(await succeedIn(app, 'node', [`${name}.ts`], awsEnvironment(access))).toBe('ran\n');
    }
  });
});
