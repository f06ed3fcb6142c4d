// Makes a fresh clone ready to run: the pinned Node packages (with the Node that Lambda runs) and the pinned Python
// packages (with Milvus and the AWS emulator), all inside this folder. Silent when there is nothing to do.
//
// Plain JavaScript without dependencies: it runs before anything is installed, on any Node from 20.
import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Commands } from './setup/commands.mjs';
import { takeLock } from './setup/lock.mjs';
import { installNodeModules, nodeModulesAreCurrent } from './setup/node-modules.mjs';
import { installPythonPackages, pythonPackagesAreCurrent } from './setup/python-packages.mjs';
import { SetupError } from './setup/setup-error.mjs';

const project = dirname(dirname(fileURLToPath(import.meta.url)));

const parts = [
  { name: 'node_modules', isCurrent: nodeModulesAreCurrent, install: installNodeModules },
  { name: '.local/venv', isCurrent: pythonPackagesAreCurrent, install: installPythonPackages },
];

/** Which of the parts, by name; all of them when none is named. A deployment needs no Python and no Milvus. */
const wanted = process.argv.slice(2);

const missing = () =>
  parts.filter((part) => (wanted.length === 0 || wanted.includes(part.name)) && !part.isCurrent(project));

async function install(part, commands) {
  const start = performance.now();
  console.error(`  ${part.name}: installing …`);
  const note = await part.install(project, commands);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.error(`  ${part.name}: ready after ${seconds} s${note ? ` (${note})` : ''}`);
}

async function setUp(commands) {
  // Another process may have done it while we waited for the lock.
  const work = missing();
  if (work.length === 0) {
    return;
  }
  console.error('Setting up what this project needs, inside its own folder. The first time takes about a minute.');
  const results = await Promise.allSettled(work.map((part) => install(part, commands)));
  const failures = results.filter((result) => result.status === 'rejected').map((result) => result.reason);
  if (failures.length > 0) {
    const unexpected = failures.find((failure) => !(failure instanceof SetupError));
    throw unexpected ?? new SetupError(failures.map((failure) => failure.message).join('\n\n'));
  }
}

async function main() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new SetupError(
      `This is Node ${process.versions.node}. Node 20 or later is needed: https://nodejs.org, or: nvm install 24`,
    );
  }
  if (missing().length === 0) {
    return;
  }
  mkdirSync(join(project, '.local'), { recursive: true });
  const lock = await takeLock(join(project, '.local', 'setup.lock'), (pid) => {
    console.error(`Another setup is running, in process ${pid}. Waiting for it …`);
  });
  const commands = new Commands(lock.protect);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, async () => {
      await commands.endAll();
      process.exit(128 + constants.signals[signal]);
    });
  }
  try {
    await setUp(commands);
  } finally {
    lock.release();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof SetupError ? `\nsetup: ${error.message}` : error);
  process.exitCode = 1;
}
