#!/usr/bin/env node
import { createRequire } from 'node:module';
import { ExitCode } from './outcome/exit-code.ts';
import { run } from './program.ts';

const interruption = new AbortController();

function interrupt(): void {
  // The second Ctrl-C exits at once, without waiting for the running request.
  if (interruption.signal.aborted) {
    process.exit(ExitCode.interrupted);
  }
  interruption.abort();
}

process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);
// The terminal was closed. Its shell and the kernel may both send the signal.
process.on('SIGHUP', () => interruption.abort());
// `zilliz-rotation … | head` closes the pipe early, and a terminal may be closed. The command
// still follows the rotation, and removes what is temporary.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

/** The manifest is read by package name, because the compiled file is one folder deeper. */
const { version } = createRequire(import.meta.url)('zilliz-rotation/package.json') as { version: string };
const streams = { out: process.stdout, err: process.stderr };

const args = process.argv.slice(2);

const code = await run(args, {
  ...streams,
  version,
  interrupted: interruption.signal,
  loadCommandPorts: async () => {
    const { createCommandPorts } = await import('./process-ports.ts');
    return createCommandPorts({ ...streams, version, args, input: process.stdin, interrupt, interruption });
  },
});
// grpc-js cannot close a connection whose TLS handshake never ends, and it would keep the process
// alive for minutes.
process.stdout.write('', () => process.exit(code));
