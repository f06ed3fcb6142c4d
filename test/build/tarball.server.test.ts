import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { publint } from 'publint';
import { beforeAll, describe, expect, it } from 'vitest';
import { awsEnvironment } from '../../local/cloud/access.ts';
import { NODE_BIN, PROJECT } from '../../local/project.ts';
import { newSecret } from '../support/deployed-rotation.ts';
import { isDead, linksIn } from '../support/links.ts';
import { serve } from '../support/loopback.ts';
import { extract, PACKAGES, type Packed, packAll, succeedIn } from '../support/packed.ts';
import { documentOf, newClusterUser, servers } from '../support/servers.ts';

type Name = (typeof PACKAGES)[number];

const DOCUMENTS = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^docs\/[\w/-]+\.md$/,
  /^docs\/images\/[\w-]+\.(svg|webp)$/,
];

/** Each file of a package is of one of these kinds, and there is a file of each kind. */
const KINDS: Readonly<Record<Name, readonly RegExp[]>> = {
  constructs: [
    ...DOCUMENTS,
    /^(rotation\.yaml|infra\/rotation\.schema\.json)$/,
    /^dist\/(infra|protocol|telemetry)\/[\w/-]+\.(js|d\.ts)$/,
    /^dist\/functions\/(rotation|overdue|restart)\/index\.js$/,
    /^dist\/functions\/THIRD-PARTY-NOTICES\.txt$/,
  ],
  cli: [
    ...DOCUMENTS,
    /^zilliz-rotation\.mjs$/,
    /^docs\/schemas\/[\w-]+\.schema\.json$/,
    /^dist\/(cli|protocol|adapters|telemetry)\/[\w/-]+\.js$/,
    /^dist\/cli\/verify\/register\/citations\.json$/,
  ],
  client: [
    /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
    /^dist\/(client|protocol|adapters)\/[\w/-]+\.(js|d\.ts)$/,
  ],
};

/** The app has the packages only. Node finds their dependencies in the folders above. */
const app = mkdtempSync(join(servers().access.stateDir, 'app-'));
const folders = {} as Record<Name, string>;
let packed: Readonly<Record<Name, Packed>>;

beforeAll(async () => {
  packed = await packAll();
  for (const name of PACKAGES) {
    folders[name] = await extract(packed[name], app);
  }
});

describe.each(PACKAGES)('the package of the %s', (name) => {
  it('holds these kinds of files and no others, and no path of the machine that built it', () => {
    const files = readdirSync(folders[name], { recursive: true, encoding: 'utf8' }).filter((file) =>
      statSync(join(folders[name], file)).isFile(),
    );
    const kinds = KINDS[name];
    expect(files.filter((file) => !kinds.some((kind) => kind.test(file)))).toEqual([]);
    expect(kinds.filter((kind) => !files.some((file) => kind.test(file)))).toEqual([]);
    expect(files.filter((file) => readFileSync(join(folders[name], file), 'utf8').includes(PROJECT))).toEqual([]);
  });

  it('passes publint', async () => {
    const { messages } = await publint({ pkgDir: folders[name], level: 'suggestion', strict: true, pack: false });
    expect(messages).toEqual([]);
  });

  it('links to files that it has, or that this version has in the repository', () => {
    const folder = folders[name];
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
    expect(links).not.toEqual([]);
    expect(dead).toEqual([]);
  });
});

/** Compiles programs of the app, as strictly as the compiler can. */
function compile(...args: readonly string[]): Promise<string> {
  const strict = ['--ignoreConfig', '--strict', '--module', 'nodenext', '--target', 'es2024', '--noEmit'];
  const nodeTypes = ['--typeRoots', join(PROJECT, 'node_modules', '@types'), '--types', 'node'];
  return succeedIn(app, join(NODE_BIN, 'tsc'), [...strict, ...nodeTypes, ...args]);
}

/** The declarations that a compiler reads for a module, by file. */
function declarationsFrom(file: string, read = new Map<string, string>()): Map<string, string> {
  if (!read.has(file)) {
    const text = readFileSync(file, 'utf8');
    read.set(file, text);
    for (const [, module = ''] of text.matchAll(/(?:from |import\()["'](\.[^"']+)\.ts["']/g)) {
      declarationsFrom(join(dirname(file), `${module}.d.ts`), read);
    }
  }
  return read;
}

/**
 * An app as a reader of the README writes it. upgrade.test.ts deploys the packed constructs, and
 * write-release.test.ts proves the licences of the same bundles.
 */
const APP = `import { App, Duration, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CredentialRotation, OverdueCheck, RotationSchedule } from 'zilliz-secret-rotation';

const stack = new Stack(new App(), 'Orders');
const { rotationFunction } = new CredentialRotation(stack, 'Rotation', {
  secret: Secret.fromSecretNameV2(stack, 'Orders', 'milvus/orders'),
  schedule: RotationSchedule.rate(Duration.days(30)),
});
new OverdueCheck(stack, 'Overdue', { rotationFunction });
`;

describe('the packed constructs', () => {
  // npm run test:oldest compiles them with the oldest compilers.
  it('have types without those of zod, which compilers refuse with the settings of `cdk init`', () => {
    const modules = declarationsFrom(join(folders.constructs, 'dist', 'infra', 'index.d.ts'));
    // Two modules that other modules import, of which the first is written with zod.
    for (const module of ['infra/configuration/function-keys.d.ts', 'protocol/secret/rotated-secrets.d.ts']) {
      expect(modules.keys()).toContain(join(folders.constructs, 'dist', module));
    }
    expect([...modules].filter(([, text]) => /["']zod["']/.test(text))).toEqual([]);
  });

  it('have types that a strict compiler accepts in ES modules and in CommonJS, and that refuse a wrong prop', async () => {
    writeFileSync(join(app, 'app.mts'), APP);
    writeFileSync(join(app, 'app.cts'), APP);
    writeFileSync(join(app, 'wrong.mts'), APP.replace('schedule:', 'shedule:'));
    // One run of the compiler, because each reads the whole CDK.
    const errors = await compile('app.mts', 'app.cts', 'wrong.mts').then(() => '', String);
    expect(errors.match(/^.*error TS.*$/gm)).toEqual([expect.stringMatching(/wrong\.mts.*'shedule'/)]);
  });
});

describe('the packed command', () => {
  it('runs from its compiled modules, even in an app that has a file cli/main.ts', async () => {
    mkdirSync(join(app, 'cli'));
    writeFileSync(join(app, 'cli', 'main.ts'), "throw new Error('the wrong file');");
    const command = join(folders.cli, 'zilliz-rotation.mjs');
    expect(await succeedIn(app, command, ['--version'])).toBe(`${packed.cli.version}\n`);
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
    const readme = readFileSync(join(folders.client, 'README.md'), 'utf8');
    const [, packedKilobytes] = /at most (\d+) kB packed/.exec(readme) ?? [];
    expect(statSync(packed.client.tarball).size).toBeLessThanOrEqual(Number(packedKilobytes) * 1000);
  });

  it('has examples that compile and run', async () => {
    const rest = createServer((_request, response) => response.end('{"code":0,"data":[]}'));
    const { url } = await serve(rest);
    const user = await newClusterUser('plaintext', ['admin']);
    const secrets = {
      createRotatingClient: (await newSecret(documentOf(user))).name,
      createRotatingCredentials: (await newSecret(JSON.stringify({ ...user, endpoint: url }))).name,
    };
    for (const [name, secret] of Object.entries(secrets)) {
      const declarations = join(folders.client, 'dist', 'client', `${EXAMPLES_IN[name]}.d.ts`);
      const [example = ''] = (readFileSync(declarations, 'utf8').split('@example\n')[1] ?? '').split('*/');
      const code = example.replaceAll(/^ *\* ?/gm, '').trim();
      const program = `import { ${name} } from '${packed.client.name}';
${code.replace('milvus/orders', secret)}
console.log('ran');
`;
      writeFileSync(join(app, `${name}.mts`), program);
      await compile('--lib', 'es2024,esnext.disposable', '--skipLibCheck', `${name}.mts`);
      expect(await succeedIn(app, 'node', [`${name}.mts`], awsEnvironment(servers().access))).toBe('ran\n');
    }
  });
});
