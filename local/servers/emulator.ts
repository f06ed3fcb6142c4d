import { mkdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { NODE_BIN, PROJECT, SERVERS_PYTHON } from '../project.ts';
import { freePorts } from './ports.ts';
import { type Service, startService } from './service-process.ts';

export interface EmulatorOptions {
  /** Holds the unpacked functions and the log. */
  readonly dataDir: string;
  /** Whether policies decide, and requests count as sent over TLS. @default false */
  readonly enforcesIam?: boolean;
}

export interface Emulator extends Pick<Service, 'exited' | 'stop'> {
  /** The endpoint for AWS clients. The control endpoints are below `/_local/`. */
  readonly url: string;
}

/**
 * Starts the AWS emulator and waits until it answers. It stops when this process ends.
 *
 * @throws Error with the end of its log if it does not start.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const [port = 0] = await freePorts(1);
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const url = `http://127.0.0.1:${port}`;
  const { exited, stop } = await startService({
    name: 'The AWS emulator',
    command: [SERVERS_PYTHON, '-um', 'emulator', String(port), join(dataDir, 'tmp')],
    cwd: PROJECT,
    // ministack passes its environment to every function. A variable of the developer's shell,
    // such as AWS_PROFILE or NODE_OPTIONS, must not reach them.
    env: {
      HOME: process.env['HOME'] ?? '/',
      // Functions run on the first `node` of the PATH. Lambda's version is in node_modules.
      PATH: [NODE_BIN, process.env['PATH']].join(delimiter),
      ...(options.enforcesIam && { AUTH: 'true' }),
    },
    logFile: join(dataDir, 'emulator.log'),
    isReady: async (pid) => (await answeringPid(url)) === pid,
    readyWithinMs: 30_000,
    stopWithinMs: 10_000,
  });
  return { url, exited, stop };
}

async function answeringPid(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(`${url}/_local/health`, { signal: AbortSignal.timeout(1_000) });
    const { pid } = (await response.json()) as { pid?: number };
    return pid;
  } catch {
    return undefined;
  }
}
