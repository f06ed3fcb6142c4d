import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { SetupError } from './setup-error.mjs';

/** A part of the setup: the packages of package-lock.json. One of them is Node 24. */
export const nodeModules = { name: 'node_modules', isCurrent, install };

/** The Node of node_modules. */
export function nodeOf(project) {
  return join(project, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/**
 * Whether node_modules holds what package-lock.json lists. npm writes its record at the end of an
 * installation, so an interrupted installation has no record. An installation that a person made
 * with npm counts too. `npm install --package-lock-only` updates the record without installing
 * anything, so every recorded folder or link must exist.
 */
function isCurrent(project) {
  const wanted = packagesIn(join(project, 'package-lock.json'));
  const installed = packagesIn(recordOf(project));
  if (!wanted || !installed || !existsSync(nodeOf(project))) {
    return false;
  }
  const isWanted = Object.entries(installed).every(
    ([path, entry]) => isSame(wanted[path], entry) && existsSync(join(project, path)),
  );
  // Packages for other platforms are optional and are not installed.
  return isWanted && Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || installed[path]);
}

async function install(project, commands) {
  if (process.platform === 'win32' && process.execPath.toLowerCase() === nodeOf(project).toLowerCase()) {
    throw new SetupError(
      'node_modules is out of date. Windows cannot replace the Node that runs this setup. Run: npm ci',
    );
  }
  const logFile = join(project, '.local', 'setup-npm.log');
  mkdirSync(join(project, '.local'), { recursive: true });
  rmSync(logFile, { force: true });
  // Remove the record first: without it, node_modules counts as unfinished.
  rmSync(recordOf(project), { force: true });
  // Windows starts npm.cmd by its shell only.
  const [command, ...npm] = process.platform === 'win32' ? ['cmd.exe', '/d', '/c', 'npm'] : ['npm'];
  await commands.run({
    title: 'npm ci',
    command,
    args: [
      ...npm,
      // Installs every package, whatever NODE_ENV, npm's settings and `npm pack --dry-run` say.
      ...[
        'ci',
        '--no-dry-run',
        '--include=dev',
        '--include=optional',
        '--no-audit',
        '--no-fund',
        '--no-progress',
        '--loglevel=error',
      ],
    ],
    cwd: project,
    env: { ...process.env, PATH: pathWithout(join(project, 'node_modules', '.bin')) },
    logFile,
  });
  if (!existsSync(nodeOf(project))) {
    throw new SetupError(
      'npm ci installed no Node 24, because npm runs no install scripts here (npm config get ignore-scripts). Run: npm rebuild node --ignore-scripts=false',
    );
  }
}

const recordOf = (project) => join(project, 'node_modules', '.package-lock.json');

/** npm must not run on the Node of node_modules, because `npm ci` deletes that Node. */
function pathWithout(folder) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.filter((entry) => entry !== '' && resolve(entry) !== folder).join(delimiter);
}

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function isSame(wanted, installed) {
  return wanted !== undefined && wanted.version === installed.version && wanted.integrity === installed.integrity;
}
