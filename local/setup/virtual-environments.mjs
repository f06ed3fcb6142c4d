import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT, run, SetupError } from './command.mjs';
import { emptyFiles } from './empty-files.mjs';
import { findPython } from './find-python.mjs';

const UNPACK_MILVUS = join(PROJECT, 'local', 'setup', 'unpack_milvus.py');

/** Parts of the setup: the packages of a file in local/requirements/, each in its own folder. */
export const virtualEnvironments = [
  // The static checks that are written in Python. They run on every platform.
  virtualEnvironment('.local/checks', 'checks.txt'),
  // The servers of the local cloud: the AWS emulator and Milvus.
  virtualEnvironment('.local/venv', 'servers.txt', { hasMilvus: true }),
  // What only `npm test` runs: SDKs for Python, cfn-lint, the AWS CLI and the CDK for Python.
  virtualEnvironment('.local/tests', 'tests.txt'),
];

/** Files of packages that this project never reads, 400 MB. */
const UNUSED = [
  /\/tests\//,
  /\/aws_cdk\/(?!_|asset_|aws_iam\/|aws_s3_assets\/|cloud|cx_api\/|interfaces\/)\w+\//,
  /\/awscli\/botocore\/data\/(?!(cloudformation|organizations|s3|sdb|secretsmanager|sns|sts)\/)[^/]+\//,
  /\/awscli\/examples\//,
  /\/site-packages\/botocore\/data\/(?!(secretsmanager|sts)\/)[^/]+\//,
  /\/milvus\/data\/bin\//,
];

export function pythonOf(folder) {
  return join(PROJECT, folder, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));
}

function virtualEnvironment(name, file, { hasMilvus = false } = {}) {
  const folder = join(PROJECT, name);
  const marker = join(folder, '.complete');
  const requirements = join(PROJECT, 'local', 'requirements', file);

  /** Contains the folder, because the programs of a virtual environment contain it too. */
  const key = () => {
    const hash = createHash('sha256')
      .update(folder)
      .update(String(UNUSED))
      .update(realpathSync(pythonOf(name)));
    const files = hasMilvus ? [requirements, UNPACK_MILVUS] : [requirements];
    return files.reduce((sum, path) => sum.update(readFileSync(path)), hash).digest('hex');
  };

  const isComplete = () => existsSync(pythonOf(name)) && existsSync(marker) && readFileSync(marker, 'utf8') === key();

  const install = async () => {
    if (hasMilvus) {
      requireMilvusPlatform();
    }
    const python = findPython();
    rmSync(marker, { force: true });
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    await run('python -m venv', python, ['-m', 'venv', folder]);
    const pip = (...args) => run(`pip ${args[0]}`, pythonOf(name), ['-m', 'pip', ...args]);
    // Only the pinned files, and only wheels: the installation runs no code of a package.
    const options = ['--require-hashes', '--only-binary=:all:', '--no-compile', '--disable-pip-version-check'];
    await pip('install', ...options, '--no-input', '--progress-bar=off', '-r', requirements);
    if (hasMilvus) {
      await run('The unpacking of Milvus', pythonOf(name), [UNPACK_MILVUS, join(folder, 'milvus-server')]);
    }
    await pip('uninstall', '--yes', '--quiet', 'setuptools', 'pip');
    emptyFiles(folder, UNUSED);
    writeFileSync(marker, key());
  };

  return { name, isComplete, install };
}

function requireMilvusPlatform() {
  const glibc = process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime;
  if (process.arch !== 'x64' || !glibc) {
    const libc = process.platform === 'linux' && !glibc ? ' without glibc' : '';
    throw new SetupError(
      `PyPI has the Milvus 2.3.5 server for Linux on x86-64 with glibc only. This is ${process.platform} on ${process.arch}${libc}.\n` +
        'Use such a machine, a virtual machine or WSL 2. For the checks that need no server, run: npm run check',
    );
  }
}
