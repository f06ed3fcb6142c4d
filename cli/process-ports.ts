import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';
import { connectCluster } from '../adapters/connect-cluster.ts';
import { createPasswordGenerator } from '../adapters/generated-password.ts';
import { createControlPlane } from '../adapters/http-control-plane.ts';
import { DEFAULT_PASSWORD_POLICY } from '../protocol/cluster/password-policy.ts';
import { memoize } from './aws/memoize.ts';
import { createSdkAws } from './aws/sdk-aws.ts';
import { systemClock } from './clock.ts';
import { createMilvusAdminCluster } from './cluster/milvus-admin-cluster.ts';
import { networkProbe } from './cluster/network-probe.ts';
import type { CommandPorts } from './command-ports.ts';
import { ask, createPasswordReader } from './terminal/ask.ts';

interface ProcessStreams extends Pick<CommandPorts, 'version' | 'args' | 'out'> {
  readonly input: ReadStream;
  readonly err: WriteStream;
  /** Called at Ctrl-C while a password is read. */
  readonly interrupt: () => void;
  readonly interruption: AbortController;
}

/** The ports of a process: its streams, its files, AWS and clusters. */
export function createCommandPorts({ input, interrupt, interruption, ...streams }: ProcessStreams): CommandPorts {
  const { err } = streams;
  const interrupted = interruption.signal;
  const readPassword = createPasswordReader(input, err, { interrupt, interrupted });
  return {
    ...streams,
    interrupted,
    clock: systemClock,
    randomId: randomUUID,
    readFile: (path) => readFileSync(path, 'utf8'),
    writeFile: writeFileSync,
    // One set of clients for each region and identity, so that secrets share connections.
    connectAws: memoize((connection) => createSdkAws(connection, interrupted), JSON.stringify),
    connectCluster: ({ transport, ...options }) => connectCluster(transport, options),
    connectAdminCluster: createMilvusAdminCluster,
    connectControlPlane: (managerKey, settings) =>
      createControlPlane(managerKey, settings, { timeoutMs: CONTROL_PLANE_TIMEOUT_MS }),
    networkProbe,
    usesProxy: ['https_proxy', 'HTTPS_PROXY', 'grpc_proxy'].some((name) => Boolean(process.env[name])),
    newPassword: createPasswordGenerator(DEFAULT_PASSWORD_POLICY),
    readPassword,
    ask: input.isTTY && err.isTTY ? (question) => ask(question, readPassword) : undefined,
  };
}

/** Milliseconds that one request may take. */
const CONTROL_PLANE_TIMEOUT_MS = 10_000;
