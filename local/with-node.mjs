// Runs a script with the Node of node_modules, the version that Lambda runs:
//   node local/with-node.mjs FILE [ARGUMENT...]
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { PROJECT } from './setup/command.mjs';
import { NODE } from './setup/node-modules.mjs';

if (!existsSync(NODE)) {
  console.error(`${NODE} does not exist. Run: npm run setup`);
  process.exit(1);
}

const child = spawn(NODE, process.argv.slice(2), {
  stdio: 'inherit',
  env: { ...process.env, PATH: [join(PROJECT, 'node_modules', '.bin'), process.env.PATH].join(delimiter) },
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    // A terminal sends SIGINT and SIGHUP to the child too.
    if (signal === 'SIGTERM' || !process.stdin.isTTY) {
      child.kill(signal);
    }
  });
}

child.on('exit', (code, signal) => {
  process.exitCode = signal ? 128 + constants.signals[signal] : code;
});
