import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPython } from './python.mjs';
import { SetupError } from './setup-error.mjs';

/** Whether the virtual environment was finished, in this folder, from these requirements. */
export function pythonPackagesAreCurrent(project) {
  const stamp = stampOf(project);
  return existsSync(stamp) && existsSync(pythonOf(project)) && readFileSync(stamp, 'utf8') === key(project);
}

/** Makes the virtual environment anew: half of an old one is nothing to build on. */
export async function installPythonPackages(project, commands) {
  checkPlatform();
  const python = findPython();
  const wanted = key(project);
  const venv = venvOf(project);
  // First of all the stamp: from here on, the environment is unfinished.
  rmSync(stampOf(project), { force: true });
  rmSync(venv, { recursive: true, force: true, maxRetries: 3 });
  mkdirSync(join(project, '.local'), { recursive: true });
  const logFile = join(project, '.local', 'setup-python.log');
  rmSync(logFile, { force: true });
  const task = { cwd: project, logFile };
  await commands.run({
    ...task,
    title: 'Making a virtual environment',
    command: python.executable,
    args: ['-m', 'venv', venv],
  });
  await commands.run({
    ...task,
    title: 'pip install',
    command: pythonOf(project),
    args: [
      ...['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar=off', '--no-compile'],
      // Exactly what was pinned, and no code of a package runs while it is installed.
      ...['--require-hashes', '--only-binary=:all:', '-r', requirementsOf(project)],
    ],
  });
  const server = join(venv, 'milvus-server');
  await commands.run({
    ...task,
    title: 'Unpacking Milvus',
    command: pythonOf(project),
    args: [unpackOf(project), server],
  });
  writeFileSync(stampOf(project), wanted);
  return `Python ${python.version}`;
}

/** There is no Milvus to be had from PyPI for anything else. */
function checkPlatform() {
  const glibc = process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime;
  if (process.arch !== 'x64' || !glibc) {
    const libc = process.platform === 'linux' && !glibc ? ' without glibc' : '';
    throw new SetupError(
      `The local cloud runs a real Milvus 2.3.5, which PyPI has for Linux on x86-64 with glibc. This is ${process.platform} on ${process.arch}${libc}.\n` +
        'Use such a machine, a virtual machine or WSL 2. The unit tests need no cluster: npm ci && npx vitest run --project unit',
    );
  }
}

const venvOf = (project) => join(project, '.local', 'venv');
const pythonOf = (project) => join(venvOf(project), 'bin', 'python');
const stampOf = (project) => join(venvOf(project), '.complete');
const requirementsOf = (project) => join(project, 'local', 'requirements.txt');
const unpackOf = (project) => join(project, 'local', 'setup', 'unpack_milvus.py');

/** With the folder, because a virtual environment does not survive being moved. */
function key(project) {
  const hash = createHash('sha256').update(project);
  for (const file of [requirementsOf(project), unpackOf(project)]) {
    hash.update('\0').update(readFileSync(file));
  }
  return hash.digest('hex');
}
