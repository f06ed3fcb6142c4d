import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { SetupError } from './setup-error.mjs';

/**
 * Whether node_modules is what package-lock.json says. npm writes its own record of an installation as the last thing,
 * so an interrupted one has none, and one made by hand with npm counts as well as ours.
 */
export function nodeModulesAreCurrent(project) {
  const wanted = packagesIn(join(project, 'package-lock.json'));
  const installed = packagesIn(recordOf(project));
  if (!wanted || !installed || !existsSync(nodeOf(project))) {
    return false;
  }
  const isWanted = Object.entries(installed).every(([path, found]) => isSame(wanted[path], found));
  // Packages for other platforms are optional and not installed.
  return isWanted && Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || installed[path]);
}

export async function installNodeModules(project, commands) {
  const logFile = join(project, '.local', 'setup-npm.log');
  mkdirSync(join(project, '.local'), { recursive: true });
  rmSync(logFile, { force: true });
  // From here on, node_modules is unfinished.
  rmSync(recordOf(project), { force: true });
  await commands.run({
    title: 'npm ci',
    command: 'npm',
    // Neither NODE_ENV=production nor a setting of this user may leave packages out.
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

/** An npm script puts the Node of node_modules first, and that is about to be deleted. */
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
