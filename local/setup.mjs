// Installs the pinned packages of this project into its folder. Prints nothing if all exist.
//   node local/setup.mjs [PART...]    default: all parts
// Plain JavaScript without dependencies, because it runs before any installation, on Node 20 too.
import { interruption, SetupError } from './setup/command.mjs';
import { compiledDrivers } from './setup/compiled-drivers.mjs';
import { nodeModules } from './setup/node-modules.mjs';
import { virtualEnvironments } from './setup/virtual-environments.mjs';

// They would lead Python and pip out of the folder of this project.
for (const name of ['PYTHONHOME', 'PYTHONPATH', 'PIP_PREFIX', 'PIP_ROOT', 'PIP_TARGET', 'PIP_USER']) {
  delete process.env[name];
}

const PARTS = [nodeModules, ...virtualEnvironments, ...compiledDrivers];

async function main(names) {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new SetupError(
      `This is Node ${process.versions.node}. Node 20 or later is needed: https://nodejs.org, or: nvm install 24`,
    );
  }
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
  if (unknown.length > 0) {
    throw new SetupError(`Unknown part ${unknown.join(', ')}. The parts: ${PARTS.map(({ name }) => name).join(', ')}.`);
  }
  const wanted = PARTS.filter(({ name }) => names.length === 0 || names.includes(name));
  if (wanted.every((part) => part.isComplete())) {
    return;
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => interruption.abort());
  }
  console.error('Installing what this project needs, inside its own folder. The first time takes about a minute.');
  const results = await Promise.allSettled(wanted.filter((part) => !part.isComplete()).map(install));
  const failures = results.filter(({ status }) => status === 'rejected').map(({ reason }) => reason);
  if (failures.length > 0) {
    const messages = new Set(failures.map((error) => (error instanceof SetupError ? error.message : error.stack)));
    throw new SetupError([...messages].join('\n\n'));
  }
}

async function install(part) {
  const start = performance.now();
  console.error(`  ${part.name}: installing …`);
  await part.install();
  console.error(`  ${part.name}: ready after ${((performance.now() - start) / 1000).toFixed(0)} s`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof SetupError ? `\nsetup: ${error.message}` : error);
  process.exitCode = 1;
}
