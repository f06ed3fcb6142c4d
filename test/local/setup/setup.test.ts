import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { commandLineOf, type FakeProject, fakeProject } from './fake-project.ts';

const projects: FakeProject[] = [];

function newProject(): FakeProject {
  const project = fakeProject();
  projects.push(project);
  return project;
}

/** A project whose parts are all installed. Its calls are those of later setups. */
async function installedProject(): Promise<FakeProject> {
  const project = newProject();
  await project.setup();
  project.remove('calls');
  return project;
}

afterEach(() => {
  for (const project of projects.splice(0)) {
    project.remove('.');
  }
});

const CHECKS = ['checks: create', 'checks: pip', 'npm ci'];
const EVERYTHING = [...CHECKS, 'venv: create', 'venv: pip', 'venv: unpack'];

describe('The setup of a fresh clone', () => {
  test('installs all parts and removes its lock', async () => {
    const project = newProject();
    const { code, output } = await project.setup();
    expect(output).toContain('.local/checks: ready');
    expect(output).toContain('.local/venv: ready');
    expect(code).toBe(0);
    expect(project.calls().sort()).toEqual(EVERYTHING);
    expect(project.has('.local/setup.lock')).toBe(false);
  });

  test('installs only the parts that its arguments name', async () => {
    const project = newProject();
    expect((await project.setup(['node_modules', '.local/checks'])).code).toBe(0);
    expect(project.calls().sort()).toEqual(CHECKS);
  });

  test.each(['pymilvus', 'deploy'])('installs .local/%s only if an argument names the part', async (part) => {
    const project = await installedProject();
    expect(project.has(`.local/${part}`)).toBe(false);
    expect((await project.setup([`.local/${part}`])).code).toBe(0);
    expect(project.calls()).toEqual([`${part}: create`, `${part}: pip`]);
  });

  test('rejects an unknown part and lists the known parts', async () => {
    const { code, output } = await newProject().setup(['venv']);
    expect(code).toBe(1);
    expect(output).toContain(
      'Unknown part venv. The parts: node_modules, .local/checks, .local/venv, .local/pymilvus, .local/deploy.',
    );
  });

  test('does nothing and prints nothing if all parts are current', async () => {
    const project = await installedProject();
    expect(await project.setup()).toEqual({ code: 0, output: '' });
    expect(project.calls()).toEqual([]);
  });

  test('accepts node_modules that somebody installed with npm', async () => {
    const project = await installedProject();
    project.remove('.local/venv');
    await project.setup();
    expect(project.calls()).not.toContain('npm ci');
  });

  test('runs npm ci again if package-lock.json has changed', async () => {
    const project = await installedProject();
    const lock = readFileSync(join(project.folder, 'package-lock.json'), 'utf8');
    project.write('package-lock.json', lock.replace('1.0.0', '1.0.1'));
    await project.setup();
    expect(project.calls()).toEqual(['npm ci']);
  });

  test('runs npm ci again if a workspace link is missing, although the record of npm lists the link', async () => {
    const project = await installedProject();
    project.remove('node_modules/workspace');
    await project.setup();
    expect(project.calls()).toEqual(['npm ci']);
    expect(project.has('node_modules/workspace')).toBe(true);
  });

  test.each([
    ['servers.txt', ['venv: create', 'venv: pip', 'venv: unpack']],
    ['checks.txt', ['checks: create', 'checks: pip']],
  ])('creates the virtual environment of %s again if this file has changed', async (file, calls) => {
    const project = await installedProject();
    project.write(`local/requirements/${file}`, 'another==1.0 --hash=sha256:00\n');
    await project.setup();
    expect(project.calls()).toEqual(calls);
  });

  test('shows the output of npm if npm fails', async () => {
    const project = newProject();
    project.command('npm', 'echo "no such package: b"; exit 7');
    const { code, output } = await project.setup();
    expect(code).toBe(1);
    expect(output).toContain('npm ci ended with exit code 7');
    expect(output).toContain('no such package: b');
  });

  test('fails if npm ran no install scripts', async () => {
    const project = newProject();
    project.command('npm', 'mkdir -p node_modules; cp installed.json node_modules/.package-lock.json');
    const { code, output } = await project.setup();
    expect(code).toBe(1);
    expect(output).toContain('npm rebuild node');
  });
});

describe('The setup on macOS', () => {
  const onMac = (): FakeProject => {
    const project = newProject();
    project.command('ps', '[ -d "/proc/$4" ] && echo "Tue Nov 25 10:00:00 2025"');
    return project;
  };

  test('installs the parts that the checks need', async () => {
    const project = onMac();
    const { code, output } = await project.setup(['node_modules', '.local/checks'], 'darwin');
    expect(output).toContain('.local/checks: ready');
    expect(code).toBe(0);
    expect(project.calls().sort()).toEqual(CHECKS);
  });

  test('refuses to install the servers and names the command that needs none', async () => {
    const { code, output } = await onMac().setup([], 'darwin');
    expect(code).toBe(1);
    expect(output).toContain('This is darwin on');
    expect(output).toContain('run: npm run check');
  });
});

describe('After an interrupted setup, the next setup', () => {
  test('creates the unfinished virtual environment again', async () => {
    const project = newProject();
    project.write('hang-pip', '');
    await project.interruptWhile('venv: pip');
    project.remove('hang-pip');
    project.remove('calls');
    expect((await project.setup()).code).toBe(0);
    expect(project.calls()).toEqual(expect.arrayContaining(['venv: create', 'venv: pip', 'venv: unpack']));
  });

  test('installs the unfinished node_modules again', async () => {
    const project = await installedProject();
    const lock = readFileSync(join(project.folder, 'package-lock.json'), 'utf8');
    project.write('package-lock.json', lock.replace('1.0.0', '1.0.1'));
    project.write('hang-npm', '');
    await project.interruptWhile('npm ci');
    // Restores the former lock file, so that only the interruption is a reason to install again.
    project.write('package-lock.json', lock);
    project.remove('hang-npm');
    project.remove('calls');
    await project.setup();
    expect(project.calls()).toEqual(['npm ci']);
  });

  test('ends the commands that still run', async () => {
    const project = newProject();
    project.write('hang-pip', '');
    const pip = await project.interruptWhile('venv: pip');
    expect(commandLineOf(pip)).toContain('sleep');
    project.remove('hang-pip');
    await project.setup();
    expect(commandLineOf(pip)).not.toContain('sleep');
  });
});

test('Three setups at the same time install everything once', async () => {
  const project = newProject();
  project.write('slow-npm', '');
  const results = await Promise.all([project.setup(), project.setup(), project.setup()]);
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(project.calls().sort()).toEqual(EVERYTHING);
});

describe('The search for Python', () => {
  test('skips a Python that is too old or incomplete', async () => {
    const project = newProject();
    const python = readFileSync(join(project.folder, 'bin', 'python3'), 'utf8');
    project.command('python3.11', python);
    project.command('python3', `echo '[[3, 9, 2], "/usr/bin/python3", []]'`);
    project.command('python3.13', `echo '[[3, 13, 0], "/usr/bin/python3.13", ["ensurepip"]]'`);
    const { code, output } = await project.setup();
    expect(output).toContain('(Python 3.12.1)');
    expect(code).toBe(0);
  });

  test('lists every Python with its problem, and says how to install Python', async () => {
    const project = newProject();
    project.command('python3', `echo '[[3, 9, 2], "/usr/bin/python3", []]'`);
    project.command('python3.13', `echo '[[3, 13, 0], "/usr/bin/python3.13", ["ensurepip"]]'`);
    project.command('python3.12', 'echo "pyenv: python3.12: command not found" >&2; exit 127');
    const { code, output } = await project.setup();
    expect(code).toBe(1);
    expect(output).toContain('needs Python 3.10 or later');
    expect(output).toMatch(/python3 +\/usr\/bin\/python3 is 3\.9\.2: too old/);
    expect(output).toMatch(/python3\.13 +\/usr\/bin\/python3\.13 is 3\.13\.0: lacks ensurepip.*python3\.13-venv/);
    expect(output).toMatch(/python3\.12 +does not start \(exit code 127\)/);
    expect(output).toMatch(/python3\.10 +not on the PATH/);
    expect(output).toContain('sudo apt install python3 python3-venv');
  });
});
