// A worker of Lambda: loads the bundle that its argument names, and runs the steps of each message.
// Plain JavaScript, so that no types have to be stripped in the measured process.
import { on } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const STEP_LIMIT_MS = 60_000;

const [, , bundle] = process.argv;
const start = performance.now();
const { handler } = bundle.endsWith('.mjs')
  ? await import(pathToFileURL(bundle).href)
  : createRequire(import.meta.url)(bundle);
process.send({ milliseconds: performance.now() - start });

// The first rotation also pays for the start of the process.
let counted = { user: 0, system: 0 };

process.on('disconnect', () => process.exit());
for await (const [events] of on(process, 'message')) {
  const since = performance.now();
  for (const event of events) {
    const began = performance.now();
    await handler(event, {
      awsRequestId: event.ClientRequestToken,
      invokedFunctionArn: process.env.FUNCTION_ARN,
      getRemainingTimeInMillis: () => STEP_LIMIT_MS - (performance.now() - began),
    });
  }
  const milliseconds = performance.now() - since;
  const { user, system } = process.cpuUsage();
  // maxRSS would include the process that started this process.
  const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const cpuMs = (user - counted.user + system - counted.system) / 1000;
  process.send({ milliseconds, cpuMs, peakBytes: Number(peak) * 1024 });
  counted = { user, system };
}
