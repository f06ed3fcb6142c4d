// Installs the pinned packages of this project into its folder. Prints nothing if all exist.
//   node local/setup.mjs [PART...]    default: node_modules .local/checks .local/venv
// The part .local/pymilvus is for `npm test` and `npm run bench`, .local/deploy for `npm test`.
// Plain JavaScript without dependencies, because it runs before any installation, on Node 20 too.
import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Commands } from './setup/commands.mjs';
import { takeLock } from './setup/lock.mjs';
import { nodeModules } from './setup/node-modules.mjs';
import { SetupError } from './setup/setup-error.mjs';
import { checks, deployTools, pymilvus, servers } from './setup/virtual-environment.mjs';

const DEFAULT_PARTS = [nodeModules, checks, servers];
const PARTS = [...DEFAULT_PARTS, pymilvus, deployTools];

const project = dirname(dirname(fileURLToPath(import.meta.url)));

function missingParts(names) {
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
  if (unknown.length > 0) {
    throw new SetupError(`Unknown part ${unknown.join(', ')}. The parts: ${PARTS.map(({ name }) => name).join(', ')}.`);
  }
  const wanted = names.length === 0 ? DEFAULT_PARTS : PARTS.filter(({ name }) => names.includes(name));
  return wanted.filter((part) => !part.isCurrent(project));
}

async function install(part, commands) {
  const start = performance.now();
  console.error(`  ${part.name}: installing …`);
  const note = await part.install(project, commands);
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.error(`  ${part.name}: ready after ${seconds} s${note ? ` (${note})` : ''}`);
}

async function installAll(parts, commands) {
  if (parts.length === 0) {
    return;
  }
  console.error('Installing what this project needs, inside its own folder. The first time takes about a minute.');
  const results = await Promise.allSettled(parts.map((part) => install(part, commands)));
  const failures = results.filter(({ status }) => status === 'rejected').map(({ reason }) => reason);
  if (failures.length > 0) {
    const unexpected = failures.find((failure) => !(failure instanceof SetupError));
    const messages = new Set(failures.map(({ message }) => message));
    throw unexpected ?? new SetupError([...messages].join('\n\n'));
  }
}

async function main(names) {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new SetupError(
      `This is Node ${process.versions.node}. Node 20 or later is needed: https://nodejs.org, or: nvm install 24`,
    );
  }
  if (missingParts(names).length === 0) {
    return;
  }
  mkdirSync(join(project, '.local'), { recursive: true });
  const lock = await takeLock(join(project, '.local', 'setup.lock'), (pid) => {
    console.error(`Process ${pid} runs another setup. Waiting until it ends …`);
  });
  const commands = new Commands(lock.protect);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, async () => {
      await commands.endAll();
      process.exit(128 + constants.signals[signal]);
    });
  }
  try {
    // Look again: another setup may have installed the parts during the wait.
    await installAll(missingParts(names), commands);
  } finally {
    lock.release();
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof SetupError ? `\nsetup: ${error.message}` : error);
  process.exitCode = 1;
}
