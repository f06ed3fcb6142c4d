import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { PROJECT, run, SetupError } from './command.mjs';
import { emptyFiles } from './empty-files.mjs';

const FOLDER = join(PROJECT, 'node_modules');
const MARKER = join(FOLDER, '.complete');
/** npm writes its record at the end of an installation. */
const RECORD = join(FOLDER, '.package-lock.json');
const LOCK = join(PROJECT, 'package-lock.json');
const WINDOWS = process.platform === 'win32';

/** The Node of node_modules, the version that Lambda runs. */
const NODE = join(FOLDER, 'node', 'bin', WINDOWS ? 'node.exe' : 'node');

/** Files that this project never reads, 120 MB. */
const UNUSED = [
  // The headers of Node, which only the compilation of packages needs.
  /^node\/node_modules\/[^/]+\/include\//,
  // For the CDK in other languages, and the AWS CLI for functions of the CDK.
  /^aws-cdk-lib\/\.jsii.*\.gz$/,
  /^@aws-cdk\/asset-awscli-v1\/.*\.zip$/,
  /\.map$/,
];

/** A part of the setup: the packages of package-lock.json. */
export const nodeModules = { name: 'node_modules', isComplete, forget, install };

function isComplete() {
  const isOurs = existsSync(MARKER) && readFileSync(MARKER, 'utf8') === lockHash();
  // A person has run npm since the last change of the lock file.
  const isByHand = existsSync(RECORD) && statSync(RECORD).mtimeMs > statSync(LOCK).mtimeMs;
  return existsSync(NODE) && (isOurs || isByHand);
}

function forget() {
  rmSync(MARKER, { force: true });
  rmSync(RECORD, { force: true });
}

async function install() {
  const hash = lockHash();
  // Installs every package, whatever NODE_ENV, npm's settings and `npm pack --dry-run` say.
  const options = ['--no-dry-run', '--include=dev', '--include=optional'];
  const args = ['ci', ...options, '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  // Windows starts npm.cmd by its shell only.
  const [command, ...shell] = WINDOWS ? ['cmd.exe', '/d', '/c', 'npm'] : ['npm'];
  // npm must not run on the Node of node_modules, because `npm ci` deletes that Node.
  const folders = (process.env.PATH ?? '').split(delimiter);
  const PATH = folders.filter((entry) => entry !== '' && resolve(entry) !== join(FOLDER, '.bin')).join(delimiter);
  await run('npm ci', command, [...shell, ...args], { ...process.env, PATH });
  if (!existsSync(NODE)) {
    throw new SetupError(
      'npm ci installed no Node 24, because npm runs no install scripts here (npm config get ignore-scripts). Run: npm rebuild node --ignore-scripts=false',
    );
  }
  emptyFiles(FOLDER, UNUSED);
  writeFileSync(MARKER, hash);
}

function lockHash() {
  return createHash('sha256').update(readFileSync(LOCK)).digest('hex');
}
