import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { PROJECT } from '../../local/project.ts';

/** Installs the Node of node_modules. The real npm may install nothing without these options. */
const NPM = `echo "npm $1" >> calls; [ -f hang ] && exec sleep 10
case "$*" in *--no-dry-run*--no-engine-strict*) mkdir -p node_modules/.bin; echo x > node_modules/.bin/node; echo x > node_modules/source.map; if [ -d client ]; then ln -s ../client node_modules/client; fi ;; esac`;

/**
 * Answers the search for Python with its own path, and creates environments with this script. It is
 * uv too.
 */
const PYTHON = `
[ "$PYTHONPATH$PIP_TARGET" = "" ] || exit 1
case "$*" in
  -I*) echo "$0" ;;
  *"-m venv"*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  *"-m pip"*) echo "pip: uv" >> calls; cp "$0" "\${0%/*}/uv" ;;
  "venv "*--no-cache) mkdir -p "$5/bin"; cp "$4" "$5/bin/python" ;;
  "pip install"*--no-cache*) python=\${4%/bin/*}; echo "uv: \${python##*/}" >> calls; [ -f hang ] && exec sleep 10; true ;;
esac`;

/** A copy of the setup in its own project, whose npm and Python only record their calls. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setup-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const path of ['setup.mjs', 'setup', 'requirements']) {
    cpSync(join(PROJECT, 'local', path), join(folder, 'local', path), { recursive: true });
  }
  mkdirSync(join(folder, 'bin'));
  symlinkSync(process.execPath, join(folder, 'bin', 'node'));
  command('npm', NPM);
  command('python3', PYTHON);
  write('package-lock.json', '{}');
});

const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);

function command(name: string, script: string): void {
  write(`bin/${name}`, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
  chmodSync(join(folder, 'bin', name), 0o755);
}

function layOutDrivers(): void {
  const drivers = ['java', 'go'].map((language) => `test/conformance/drivers/${language}`);
  for (const path of ['examples/consume', 'test/workflows', 'test/examples/schemas', ...drivers]) {
    mkdirSync(join(folder, path), { recursive: true });
  }
  write('examples/consume/RotatingMilvus.java', '');
  write('examples/consume/rotating_milvus.go', '');
}

/** The calls since the last call of this function, sorted. */
function calls(): string[] {
  const file = join(folder, 'calls');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  rmSync(file, { force: true });
  return lines.sort();
}

const withGlibc = (version: string): string =>
  `Object.defineProperty(process,'report',{value:{getReport:()=>({header:{glibcVersionRuntime:'${version}'}})}})`;

const withNode = (version: string): string => `Object.defineProperty(process.versions,'node',{value:'${version}'})`;

/** @param change of the properties of `process` */
function start(parts: readonly string[] = [], change = withGlibc('2.35'), env: NodeJS.ProcessEnv = {}) {
  const file = join(folder, 'local', 'setup.mjs');
  const child = spawn(process.execPath, ['--import', `data:text/javascript,${change}`, file, ...parts], {
    env: { PATH: join(folder, 'bin'), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return { child, result: once(child, 'close').then(([code]) => ({ code: code as number | null, output })) };
}

const setup = (parts?: readonly string[], change?: string) => start(parts, change).result;

describe('the setup', () => {
  test('installs the named parts once, and then does nothing and prints nothing', async () => {
    mkdirSync(join(folder, 'client'));
    write('client/own.map', 'x\n');
    expect(await setup(['node_modules', '.local/checks'])).toMatchObject({ code: 0 });
    expect(calls()).toEqual(['npm ci', 'pip: uv', 'uv: checks']);
    // Nothing here reads the second file. The third is a file of this project, behind a link.
    const files = ['.bin/node', 'source.map', 'client/own.map'];
    expect(files.map((file) => statSync(join(folder, 'node_modules', file)).size)).toEqual([2, 0, 2]);
    expect(await setup(['node_modules', '.local/checks'])).toEqual({ code: 0, output: '' });
    expect(await setup()).toMatchObject({ code: 0 });
    expect(calls()).toEqual([
      'pip: uv',
      ...['pymilvus-2.4', 'pymilvus-2.6', 'terraform', 'tests', 'venv'].map((name) => `uv: ${name}`),
    ]);
    expect(existsSync(join(folder, '.local/uv'))).toBe(false);
  });

  test('leads Python and pip nowhere else, whatever the shell sets', async () => {
    const env = { PYTHONPATH: join(folder, 'other'), PIP_TARGET: join(folder, 'other') };
    expect(await start(['.local/checks'], undefined, env).result).toMatchObject({ code: 0 });
  });

  test('installs a part again after a change of its pinned versions', async () => {
    await setup();
    calls();
    write('package-lock.json', '{ }');
    write('local/requirements/servers.txt', 'another==1.0 --hash=sha256:00\n');
    expect(await setup()).toMatchObject({ code: 0 });
    expect(calls()).toEqual(['npm ci', 'pip: uv', 'uv: venv']);
  });

  test('leaves out the part for which the platform has no package', async () => {
    expect(await setup(['.local/tests', '.local/terraform'], withGlibc('2.34'))).toMatchObject({ code: 0 });
    expect(calls()).toEqual(['pip: uv', 'uv: pymilvus-2.4', 'uv: pymilvus-2.6', 'uv: tests']);
  });

  test('adds environments for the oldest and the newest other Python that work, also of pyenv', async () => {
    mkdirSync(join(folder, 'pyenv', 'versions', '3.12.1', 'bin'), { recursive: true });
    command('python3.12', PYTHON);
    cpSync(join(folder, 'bin', 'python3.12'), join(folder, 'pyenv', 'versions', '3.12.1', 'bin', 'python3.12'));
    // As pyenv leaves on the PATH for a version that it has not selected.
    command('python3.12', 'echo "pyenv: command not found" >&2; exit 127');
    for (const version of ['3.9', '3.13', '3.14']) {
      command(`python${version}`, PYTHON);
    }
    const env = { PYENV_ROOT: join(folder, 'pyenv') };
    expect(await start(['.local/tests'], undefined, env).result).toMatchObject({ code: 0 });
    const pythons = calls().filter((call) => call.startsWith('uv: python-'));
    expect(pythons).toEqual(['uv: python-3.12', 'uv: python-3.14']);
  });

  test('calls the Node that runs it by a command file on Windows on ARM, where links need more rights', async () => {
    command('cmd.exe', 'mkdir -p node_modules/.bin');
    const windows = `Object.defineProperty(process,'platform',{value:'win32'})`;
    expect(await setup(['node_modules'], windows)).toMatchObject({ code: 0 });
    const file = readFileSync(join(folder, 'node_modules/.bin/node.cmd'), 'utf8');
    expect(file).toBe(`@"${process.execPath}" %*\r\n`);
  });

  test('uses the Node that runs it where npm has no package of Node, but no other Node than 24', async () => {
    command('npm', 'mkdir -p node_modules/.bin');
    const old = await setup(['node_modules'], withNode('22.13.0'));
    expect(old).toEqual({ code: 1, output: expect.stringContaining('nvm install 24') });
    expect(await setup(['node_modules'])).toMatchObject({ code: 0 });
    expect(realpathSync(join(folder, 'node_modules', '.bin', 'node'))).toBe(realpathSync(process.execPath));
  });

  test('compiles the drivers for Java and Go if recent tools are on the PATH', async () => {
    const parts = ['.local/java', '.local/go'];
    const tool = (answer: string, work = 'echo "$(basename $0)" >> calls'): string =>
      `case "$1" in *version) echo "${answer}" ;; *) ${work} ;; esac`;
    layOutDrivers();
    expect(await setup(parts)).toEqual({ code: 0, output: '' });

    command('mvn', tool('Apache Maven 3.8.7'));
    command('java', tool(''));
    command('javac', tool('javac 11.0.2'));
    const schemas = '"$GOMODCACHE/client-go/openapitest/testdata"';
    const work = `mkdir -p ${schemas}; touch ${schemas}/v1.json; echo "go $3" >> calls`;
    command('go', tool('go version go1.26.8 linux/amd64', work));
    expect(await setup(parts)).toMatchObject({ code: 0 });
    const compiled = ['go build', 'go build', 'go mod', 'go mod'];
    expect(calls()).toEqual(compiled);
    expect(readdirSync(join(folder, '.local/go'))).toEqual(['.complete', 'schemas', 'source']);
    command('javac', tool('javac 17.0.15'));
    expect(await setup(parts)).toMatchObject({ code: 0 });
    expect(calls()).toEqual(['javac', 'mvn']);
    expect(await setup(parts)).toEqual({ code: 0, output: '' });
    write('examples/consume/rotating_milvus.go', 'package consume');
    expect(await setup(parts)).toMatchObject({ code: 0 });
    expect(calls()).toEqual(compiled);
  });

  test('starts again after an interruption', async () => {
    write('hang', '');
    const { child, result } = start(['node_modules', '.local/checks']);
    await expect
      .poll(() => readFileSync(join(folder, 'calls'), { encoding: 'utf8', flag: 'a+' }))
      .toContain('uv: checks');
    child.kill('SIGTERM');
    await result;
    rmSync(join(folder, 'hang'));
    calls();
    expect(await setup(['node_modules', '.local/checks'])).toMatchObject({ code: 0 });
    expect(calls()).toEqual(['npm ci', 'pip: uv', 'uv: checks']);
  });
});

describe('the setup ends with 1 and shows the cause or the command to run', () => {
  test.each([
    ['on an old Node', withNode('18.1.0'), '18.1.0'],
    ['on a platform without Milvus', "Object.defineProperty(process,'platform',{value:'darwin'})", 'npm run check'],
  ])('%s', async (_, change, shown) => {
    expect(await setup([], change)).toEqual({ code: 1, output: expect.stringContaining(shown) });
  });

  test.each([
    ['.local/java', 'mvn is not on the PATH'],
    ['.local/go', 'go is not on the PATH'],
  ])('in CI, if the tools of %s are missing', async (part, shown) => {
    layOutDrivers();
    const { result } = start([part], undefined, { CI: 'true' });
    expect(await result).toEqual({ code: 1, output: expect.stringContaining(shown) });
  });

  test.each([
    ['npm fails', 'npm', 'echo "no such package: b"; exit 7', 'no such package: b'],
    ['pip fails', 'python3', `${PYTHON}\ncase "$*" in "-m pip"*) echo "no uv"; exit 1 ;; esac`, 'no uv'],
    ['uv fails', 'python3', `${PYTHON}\ncase "$*" in "pip install"*) echo "no wheel"; exit 1 ;; esac`, 'no wheel'],
    ['Python is too old', 'python3', 'echo "too old" >&2; exit 1', 'sudo apt install'],
  ])('if %s', async (_, name, script, shown) => {
    command(name, script);
    expect(await setup()).toEqual({ code: 1, output: expect.stringContaining(shown) });
  });

  test('if a part is unknown', async () => {
    expect(await setup(['venv'])).toEqual({ code: 1, output: expect.stringContaining('.local/checks') });
  });
});
