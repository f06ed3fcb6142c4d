import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { SetupError } from './setup-error.mjs';

/**
 * Whether node_modules holds what package-lock.json lists. npm writes its record at the end of an installation, so an
 * interrupted installation has no record. An installation that a person made with npm counts too. `npm install
 * --package-lock-only` updates the record without installing anything, so every recorded folder or link must exist.
 */
export function nodeModulesAreCurrent(project) {
  const wanted = packagesIn(join(project, 'package-lock.json'));
  const installed = packagesIn(recordOf(project));
  if (!wanted || !installed || !existsSync(nodeOf(project))) {
    return false;
  }
  const isWanted = Object.entries(installed).every(
    ([path, found]) => isSame(wanted[path], found) && existsSync(join(project, path)),
  );
  // Packages for other platforms are optional and not installed.
  return isWanted && Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || installed[path]);
}

export async function installNodeModules(project, commands) {
  const logFile = join(project, '.local', 'setup-npm.log');
  mkdirSync(join(project, '.local'), { recursive: true });
  rmSync(logFile, { force: true });
  // From here on, node_modules is incomplete.
  rmSync(recordOf(project), { force: true });
  await commands.run({
    title: 'npm ci',
    command: 'npm',
    // Installs every package, whatever NODE_ENV and the user's npm settings say.
    args: ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'],
    cwd: project,
    env: { ...process.env, PATH: pathWithout(join(project, 'node_modules', '.bin')) },
    logFile,
  });
  if (!existsSync(nodeOf(project))) {
    throw new SetupError(
      'npm ci installed no Node 24, because install scripts are switched off here (npm config get ignore-scripts). Run: npm rebuild node --ignore-scripts=false',
    );
  }
}

const recordOf = (project) => join(project, 'node_modules', '.package-lock.json');

const nodeOf = (project) => join(project, 'node_modules', 'node', 'bin', 'node');

/** npm scripts have the Node of node_modules first on their PATH. npm ci deletes that Node, so it must not run on it. */
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

function isSame(wanted, found) {
  return wanted !== undefined && wanted.version === found.version && wanted.integrity === found.integrity;
}
