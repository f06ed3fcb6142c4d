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

afterEach(() => {
  for (const project of projects.splice(0)) {
    project.remove('.');
  }
});

const EVERYTHING = ['npm ci', 'python pip', 'python unpack', 'python venv'];

describe('The setup of a fresh clone', () => {
  test('installs the Node packages and the Python packages, and leaves no lock', async () => {
    const project = newProject();
    const { code, output } = await project.setup();
    expect(output).toContain('.local/venv: ready');
    expect(code).toBe(0);
    expect(project.calls().sort()).toEqual(EVERYTHING);
    expect(project.has('.local/setup.lock')).toBe(false);
  });

  test('says and does nothing when all is current', async () => {
    const project = newProject();
    await project.setup();
    project.remove('calls');
    expect(await project.setup()).toEqual({ code: 0, output: '' });
    expect(project.calls()).toEqual([]);
  });

  test('takes an installation that was made with npm by hand', async () => {
    const project = newProject();
    await project.setup();
    project.remove('calls');
    project.remove('.local/venv');
    await project.setup();
    expect(project.calls()).not.toContain('npm ci');
  });

  test('runs npm ci again when package-lock.json has changed', async () => {
    const project = newProject();
    await project.setup();
    project.remove('calls');
    const lock = readFileSync(join(project.folder, 'package-lock.json'), 'utf8');
    project.write('package-lock.json', lock.replace('1.0.0', '1.0.1'));
    await project.setup();
    expect(project.calls()).toEqual(['npm ci']);
  });

  test('runs npm ci again when a workspace link is missing, although the record of npm lists the link', async () => {
    const project = newProject();
    await project.setup();
    project.remove('calls');
    project.remove('node_modules/workspace');
    await project.setup();
    expect(project.calls()).toEqual(['npm ci']);
    expect(project.has('node_modules/workspace')).toBe(true);
  });

  test('makes the virtual environment anew when the requirements have changed', async () => {
    const project = newProject();
    await project.setup();
    project.remove('calls');
    project.write('local/requirements.txt', 'another==1.0 --hash=sha256:00\n');
    await project.setup();
    expect(project.calls()).toEqual(['python venv', 'python pip', 'python unpack']);
  });

  test('passes on what npm said when it fails', async () => {
    const project = newProject();
    project.command('npm', 'echo "no such package: b"; exit 7');
    const { code, output } = await project.setup();
    expect(code).toBe(1);
    expect(output).toContain('npm ci ended with exit code 7');
    expect(output).toContain('no such package: b');
  });

  test('notices that npm ran no install scripts', async () => {
    const project = newProject();
    project.command('npm', 'mkdir -p node_modules; cp installed.json node_modules/.package-lock.json');
    const { code, output } = await project.setup();
    expect(code).toBe(1);
    expect(output).toContain('npm rebuild node');
  });
});

describe('An interrupted setup', () => {
  test('leaves an unfinished virtual environment that the next one makes anew', async () => {
    const project = newProject();
    project.write('hang-pip', '');
    await project.interruptWhile('python pip');
    project.remove('hang-pip');
    project.remove('calls');
    expect((await project.setup()).code).toBe(0);
    expect(project.calls()).toEqual(expect.arrayContaining(['python venv', 'python pip', 'python unpack']));
  });

  test('leaves unfinished node_modules that the next one installs anew', async () => {
    const project = newProject();
    await project.setup();
    const lock = readFileSync(join(project.folder, 'package-lock.json'), 'utf8');
    project.write('package-lock.json', lock.replace('1.0.0', '1.0.1'));
    project.write('hang-npm', '');
    project.remove('calls');
    await project.interruptWhile('npm ci');
    // Back to what was installed: only the interruption speaks against it now.
    project.write('package-lock.json', lock);
    project.remove('hang-npm');
    project.remove('calls');
    await project.setup();
    expect(project.calls()).toEqual(['npm ci']);
  });

  test('has its commands ended by the next one, so that they do not write into its folders', async () => {
    const project = newProject();
    project.write('hang-pip', '');
    const pip = await project.interruptWhile('python pip');
    expect(commandLineOf(pip)).toContain('sleep');
    project.remove('hang-pip');
    await project.setup();
    expect(commandLineOf(pip)).not.toContain('sleep');
  });
});

test('Two setups at once do the work once', async () => {
  const project = newProject();
  project.write('slow-npm', '');
  const results = await Promise.all([project.setup(), project.setup(), project.setup()]);
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect(project.calls().sort()).toEqual(EVERYTHING);
});

describe('The search for Python', () => {
  test('passes over one that is too old or incomplete', async () => {
    const project = newProject();
    const python = readFileSync(join(project.folder, 'bin', 'python3'), 'utf8');
    project.command('python3.11', python);
    project.command('python3', `echo '[[3, 9, 2], "/usr/bin/python3", []]'`);
    project.command('python3.13', `echo '[[3, 13, 0], "/usr/bin/python3.13", ["ensurepip"]]'`);
    const { code, output } = await project.setup();
    expect(output).toContain('(Python 3.12.1)');
    expect(code).toBe(0);
  });

  test('says what was found, what is needed and how to get it', async () => {
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
