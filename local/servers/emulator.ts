import { mkdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { NODE_BIN, PROJECT, SERVERS_PYTHON } from '../project.ts';
import { freePorts } from './ports.ts';
import { lastLines, type ServiceProcess, startService, untilReady } from './service-process.ts';

export interface EmulatorOptions {
  /** Holds the unpacked functions and the log. */
  readonly dataDir: string;
  /** Whether policies decide, and requests count as sent over TLS. @default false */
  readonly enforcesIam?: boolean;
}

export interface Emulator {
  /** The endpoint for AWS clients. The control endpoints are below `/_local/`. */
  readonly url: string;
  /** Resolves when the server has ended. */
  readonly exited: Promise<void>;
  /** Stops the server and the workers of its functions, and waits until they are gone. */
  stop(): Promise<void>;
}

const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 10_000;

/**
 * Starts the AWS emulator and waits until it answers. It stops when this process ends.
 *
 * @throws Error with the end of its log if it does not start.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const [port = 0] = await freePorts(1);
  mkdirSync(options.dataDir, { recursive: true });
  const logFile = join(options.dataDir, 'emulator.log');
  const service = await launch(options, port, logFile);
  const url = `http://127.0.0.1:${port}`;
  const stop = (): Promise<void> => service.stop(STOP_WITHIN_MS);
  // Another emulator on the same port would answer too, so compare the process id.
  const isReady = async (): Promise<boolean> => (await answeringPid(url)) === service.pid;
  const failure = await untilReady(service, isReady, START_WITHIN_MS);
  if (failure !== undefined) {
    await stop();
    throw new Error(`The AWS emulator did not start on port ${port}: it ${failure}. ${lastLines(logFile)}`);
  }
  return { url, exited: service.exited, stop };
}

function launch(options: EmulatorOptions, port: number, logFile: string): Promise<ServiceProcess> {
  const flags = ['--port', String(port), '--data-dir', resolve(options.dataDir), '--until-stdin-closes'];
  return startService({
    command: SERVERS_PYTHON,
    args: ['-m', 'emulator', ...flags],
    cwd: PROJECT,
    // The emulator inherits only these two variables.
    env: {
      HOME: process.env['HOME'] ?? '/',
      // Functions run on the first `node` of the PATH. Lambda's version is in node_modules.
      PATH: [NODE_BIN, process.env['PATH']].join(delimiter),
      PYTHONUNBUFFERED: '1',
      ...(options.enforcesIam && { AUTH: 'true' }),
    },
    logFile,
    stdin: 'until-this-process-ends',
  });
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
