#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connectCluster } from '../cluster/connect-cluster.ts';
import { createPasswordGenerator } from '../cluster/generated-password.ts';
import { DEFAULT_PASSWORD_POLICY } from '../cluster/password-policy.ts';
import type { Aws, AwsConnection } from './aws/aws.ts';
import { createSdkAws } from './aws/sdk-aws.ts';
import { systemClock } from './clock.ts';
import { createMilvusAdminCluster } from './cluster/milvus-admin-cluster.ts';
import { ExitCode } from './exit-code.ts';
import { run } from './program.ts';
import { ask } from './terminal/ask.ts';
import { createPasswordReader } from './terminal/read-password.ts';

/** One set of clients for each region and profile, so that secrets share connections. */
const connected = new Map<string, Aws>();

function connectAws({ region, profile }: AwsConnection): Aws {
  const key = `${region ?? ''} ${profile ?? ''}`;
  const aws = connected.get(key) ?? createSdkAws({ region, profile });
  connected.set(key, aws);
  return aws;
}

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
// `zilliz-rotation … | head` closes the pipe early. The command still follows the rotation.
process.stdout.on('error', () => undefined);

/** Read by package name, because the compiled file is one folder deeper than this one. */
const { version } = createRequire(import.meta.url)('zilliz-rotation/package.json') as { version: string };

const passwords = createPasswordGenerator(DEFAULT_PASSWORD_POLICY);

const code = await run(process.argv.slice(2), {
  version,
  out: process.stdout,
  err: process.stderr,
  interrupted: interruption.signal,
  clock: systemClock,
  randomId: randomUUID,
  readFile: (path) => readFileSync(path, 'utf8'),
  writeFile: writeFileSync,
  connectAws,
  connectCluster: ({ transport, ...options }) => connectCluster(transport, options),
  connectAdminCluster: createMilvusAdminCluster,
  newPassword: () => passwords.generate(),
  readPassword: createPasswordReader(process.stdin, process.stderr, { interrupt, interrupted: interruption.signal }),
  ask:
    process.stdin.isTTY && process.stderr.isTTY
      ? (question) => ask(question, { input: process.stdin, output: process.stderr }, interruption.signal)
      : undefined,
});
// grpc-js cannot close a connection whose TLS handshake never ends, and it would keep the process
// alive for minutes.
process.stdout.write('', () => process.exit(code));
