// A worker of Lambda: loads the bundle that its argument names and runs a step for each event.
// Events come in by the standard input, and reports go out by file descriptor 3, both as lines of
// JSON. Plain JavaScript, so that no types have to be stripped in the measured process.
import { readFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const REPORTS = 3;
const STEP_LIMIT_MS = 60_000;

/** @param {number} since when the measured work began, in milliseconds */
function report(since) {
  const milliseconds = performance.now() - since;
  const { user, system } = process.cpuUsage();
  // maxRSS would include the process that started this process.
  const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const line = { milliseconds, cpuMilliseconds: (user + system) / 1000, peakBytes: Number(peak) * 1024 };
  writeSync(REPORTS, `${JSON.stringify(line)}\n`);
}

const [, , bundle] = process.argv;
const start = performance.now();
const { handler } = bundle.endsWith('.mjs')
  ? await import(pathToFileURL(bundle).href)
  : createRequire(import.meta.url)(bundle);
report(start);

for await (const line of createInterface({ input: process.stdin })) {
  const event = JSON.parse(line);
  const began = performance.now();
  await handler(event, {
    awsRequestId: event.ClientRequestToken,
    invokedFunctionArn: process.env.FUNCTION_ARN,
    getRemainingTimeInMillis: () => STEP_LIMIT_MS - (performance.now() - began),
  });
  report(began);
}
process.exit();
