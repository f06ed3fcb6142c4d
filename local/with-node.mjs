// Runs a script with the project's own Node, the version that Lambda runs, whichever Node the machine has:
//   node local/with-node.mjs FILE [ARGUMENT...]
// npm puts node_modules/.bin on the PATH before a script starts, so in the very first run there is nothing yet to find.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules', '.bin');
const node = join(bin, 'node');

if (!existsSync(node)) {
  console.error(`There is no Node in ${bin}. Run: npm run setup`);
  process.exit(1);
}

const child = spawn(node, process.argv.slice(2), {
  stdio: 'inherit',
  env: { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) },
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    // A terminal sends its signals to both of us.
    if (signal === 'SIGTERM' || !process.stdin.isTTY) {
      child.kill(signal);
    }
  });
}

child.on('exit', (code, signal) => {
  process.exitCode = signal ? 128 + constants.signals[signal] : code;
});
