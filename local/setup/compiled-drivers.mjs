import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { PROJECT, run } from './command.mjs';
import { part } from './part.mjs';

const EXAMPLES = join(PROJECT, 'examples', 'consume');
const DRIVERS = join(PROJECT, 'test', 'conformance', 'drivers');
const ACTIONLINT = join(PROJECT, 'test', 'workflows');
const SCHEMAS = join(PROJECT, 'test', 'examples', 'schemas');

/**
 * Parts of the setup: the examples for Java and Go, compiled with the drivers of the conformance
 * suite. With Go come actionlint, which PyPI and npm have as source only, and the schemas of
 * Kubernetes, which only modules for Go contain. Without the tools, there is nothing to install,
 * and the tests are skipped. In CI, the setup fails instead.
 */
export const compiledDrivers = [
  compiledDriver('.local/java', {
    sources: [join(EXAMPLES, 'RotatingMilvus.java'), join(DRIVERS, 'java')],
    tools: ['mvn', 'java', 'javac'],
    version: { command: ['javac', '-version'], pattern: /javac (\d+)/, atLeast: 17 },
    compile: compileJava,
  }),
  compiledDriver('.local/go', {
    sources: [join(EXAMPLES, 'rotating_milvus.go'), join(DRIVERS, 'go'), ACTIONLINT, SCHEMAS],
    tools: ['go'],
    version: { command: ['go', 'version'], pattern: /go1\.(\d+)/, atLeast: 26 },
    compile: compileGo,
  }),
];

function compiledDriver(name, { sources, tools, version, compile }) {
  const folder = join(PROJECT, name);
  return part(name, {
    contents: () =>
      sources
        .flatMap((path) => (/\.\w+$/.test(path) ? path : readdirSync(path).map((file) => join(path, file))))
        .map((file) => readFileSync(file)),
    isUsable: () => process.env.CI === 'true' || (tools.every(isOnPath) && isRecent(version)),
    install: async () => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      await compile(folder, sources);
    },
  });
}

/** The packages come into this folder only. The compiled classes need no Maven. */
async function compileJava(folder, [example, driver]) {
  const [libraries, repository] = [join(folder, 'lib'), join(folder, 'repository')];
  await run('mvn', 'mvn', [
    // Fails if a checksum of the repository does not match.
    ...['--batch-mode', '--quiet', '--strict-checksums', '--file', join(driver, 'pom.xml')],
    'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies',
    ...[`-DoutputDirectory=${libraries}`, `-Dmaven.repo.local=${repository}`],
  ]);
  rmSync(repository, { recursive: true, force: true });
  const classPath = ['-cp', join(libraries, '*')];
  const checks = ['-Xlint:all', '-Werror', '--release', '17'];
  await run('javac', 'javac', [
    ...checks,
    '-d',
    join(folder, 'classes'),
    ...classPath,
    example,
    join(driver, 'Driver.java'),
  ]);
}

/** The programs need neither Go nor the packages. */
async function compileGo(folder, [example, driver]) {
  const source = join(folder, 'source');
  cpSync(driver, source, { recursive: true });
  mkdirSync(join(source, 'consume'));
  cpSync(example, join(source, 'consume', 'rotating_milvus.go'));
  // The modules come while Go compiles its own library, which both programs need.
  const downloads = Promise.all([source, SCHEMAS].map((of) => runGo(folder, of, ['mod', 'download'])));
  // Code without optimization and debug information compiles sooner.
  const build = ['build', '-gcflags=all=-N -l -dwarf=false', '-ldflags=-s', '-o', folder];
  const builds = runGo(folder, ACTIONLINT, [...build, 'github.com/rhysd/actionlint/cmd/actionlint']);
  await Promise.all([builds, downloads]);
  await runGo(folder, source, [...build, '.']);
  const modules = join(folder, 'work', 'modules');
  for (const file of readdirSync(modules, { recursive: true })) {
    if (/[\\/](config[\\/]crds?[\\/]bases|openapitest[\\/]testdata)[\\/][^\\/]+$/.test(file)) {
      cpSync(join(modules, file), join(folder, 'schemas', basename(file)));
    }
  }
  // Up to 900 MB, which only a change of the sources would use.
  rmSync(join(folder, 'work'), { recursive: true, force: true });
}

/** Go compares each module with go.sum. */
async function runGo(folder, source, args) {
  const work = join(folder, 'work');
  await run(`go ${args[0]}`, 'go', ['-C', source, ...args], {
    ...process.env,
    GOPATH: join(work, 'path'),
    GOMODCACHE: join(work, 'modules'),
    GOCACHE: join(work, 'cache'),
    GOENV: 'off',
    GOTOOLCHAIN: 'local',
    CGO_ENABLED: '0',
    GOFLAGS: '-modcacherw -mod=readonly -trimpath -buildvcs=false',
  });
}

function isOnPath(tool) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, tool)));
}

function isRecent({ command: [program, ...args], pattern, atLeast }) {
  const { stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return Number(pattern.exec(stdout ?? '')?.[1] ?? 0) >= atLeast;
}
