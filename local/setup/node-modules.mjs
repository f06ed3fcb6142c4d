import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { PROJECT, run, SetupError } from './command.mjs';
import { emptyFiles } from './empty-files.mjs';
import { part } from './part.mjs';

const FOLDER = join(PROJECT, 'node_modules');
const WINDOWS = process.platform === 'win32';

/**
 * The Node of node_modules, the version that Lambda runs. Its packages have no install script, so
 * package-lock.json holds their hashes.
 */
const NODE = join('.bin', WINDOWS ? 'node.cmd' : 'node');

/** Files that this project never reads, 150 MB. */
const UNUSED = [
  // The headers of Node, which only the compilation of packages needs.
  /^node-[^/]+\/include\//,
  // For the CDK in other languages, and the AWS CLI for functions of the CDK.
  /^aws-cdk-lib\/\.jsii.*\.gz$/,
  /^@aws-cdk\/asset-awscli-v1\/.*\.zip$/,
  // For TypeScript before 4.5, and for vite with other settings.
  /\/dist-types\/ts3\.4\//,
  /^lightningcss-[^/]+\/.*\.node$/,
  /^zod\/src\//,
  /\/parquetjs\/dist\/browser\//,
  /\.map$/,
];

/** The packages of package-lock.json. */
export const nodeModules = part('node_modules', {
  contents: () => [String(UNUSED), readFileSync(join(PROJECT, 'package-lock.json'))],
  program: NODE,
  install,
});

async function install() {
  // Installs every package, whatever NODE_ENV, npm's settings, `npm pack --dry-run` and the Node
  // that runs npm say.
  const options = ['--no-dry-run', '--include=dev', '--include=optional', '--no-engine-strict'];
  const args = ['ci', ...options, '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  // Windows starts npm.cmd by its shell only.
  const [command, ...shell] = WINDOWS ? ['cmd.exe', '/d', '/c', 'npm'] : ['npm'];
  // npm must not run on the Node of node_modules, because `npm ci` deletes that Node.
  const folders = (process.env.PATH ?? '').split(delimiter);
  const PATH = folders.filter((entry) => entry !== '' && resolve(entry) !== join(FOLDER, '.bin')).join(delimiter);
  await run('npm ci', command, [...shell, ...args], { ...process.env, PATH });
  if (!existsSync(join(FOLDER, NODE))) {
    useOwnNode();
  }
  emptyFiles(FOLDER, UNUSED);
}

/** Uses the Node of this machine where npm has no package of Node. */
function useOwnNode() {
  if (process.versions.node.split('.')[0] !== '24') {
    throw new SetupError(
      `npm has no Node 24 for ${process.platform} on ${process.arch}. Run this command with Node 24: nvm install 24`,
    );
  }
  if (WINDOWS) {
    // A link needs more rights there, and a program does not run under the name of a script.
    writeFileSync(join(FOLDER, NODE), `@"${process.execPath}" %*\r\n`);
  } else {
    symlinkSync(process.execPath, join(FOLDER, NODE));
  }
}
