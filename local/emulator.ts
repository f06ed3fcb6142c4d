// Starts the AWS emulator as a child process, and takes it down again with every function worker it started.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const root = resolve(import.meta.dirname, '..');
const startDeadlineMs = 30_000;
const stopDeadlineMs = 10_000;

export interface EmulatorOptions {
  /** Where state, buckets, unpacked functions and the log live. It survives a stop: the next start finds its secrets. */
  readonly dataDir: string;
  /** @default a free port */
  readonly port?: number;
  /** Further attempts of a failed rotation. @default 2 */
  readonly retries?: number;
  /** Seconds on the emulator's clock before each of them. @default 2 */
  readonly retrySpacingSeconds?: number;
  /** A node_modules folder that functions may import from, as from the SDK of Lambda's runtime. @default none */
  readonly lambdaNodeModules?: string;
  /** Treat requests as made over TLS, for `aws:SecureTransport` conditions. @default false */
  readonly https?: boolean;
  /** Further variables, such as `AUTH: 'true'`. Nothing else of this process's environment is passed on but PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** @default the project's own virtual environment */
  readonly python?: string;
}

export interface Emulator extends AsyncDisposable {
  /** Endpoint for AWS clients, and base of the control endpoints under `/_local/`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** Stops the server and its workers, and waits until they are gone. */
  stop(): Promise<void>;
}

/** Starts the emulator and waits until it answers. Throws with the tail of its log when it does not come up. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const port = options.port ?? (await freePort());
  mkdirSync(options.dataDir, { recursive: true });
  const logFile = join(options.dataDir, 'emulator.log');
  const child = launch(options, port, logFile);
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilHealthy(child, url);
  } catch (cause) {
    await stopGroup(child);
    throw new Error(`The AWS emulator did not start on port ${port}. Its log ends with:\n${tail(logFile)}`, { cause });
  }
  const stop = (): Promise<void> => stopGroup(child);
  return { url, port, pid: child.pid ?? -1, logFile, stop, [Symbol.asyncDispose]: stop };
}

function launch(options: EmulatorOptions, port: number, logFile: string): ChildProcess {
  const flags = ['--port', String(port), '--data-dir', resolve(options.dataDir), '--until-stdin-closes'];
  if (options.retries !== undefined) flags.push('--retries', String(options.retries));
  if (options.retrySpacingSeconds !== undefined) flags.push('--retry-spacing', String(options.retrySpacingSeconds));
  if (options.lambdaNodeModules !== undefined) flags.push('--lambda-node-modules', options.lambdaNodeModules);
  if (options.https) flags.push('--https');
  const log = openSync(logFile, 'a');
  try {
    return spawn(options.python ?? join(root, '.local', 'venv', 'bin', 'python'), ['-m', 'emulator', ...flags], {
      env: {
        HOME: process.env['HOME'] ?? '/',
        // The functions run on the first `node` of this path: the project's, which is Lambda's version.
        PATH: [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
        PYTHONPATH: root,
        PYTHONUNBUFFERED: '1',
        ...options.env,
      },
      // The open stdin is the lifeline: when this process dies, the emulator reads its end and stops.
      stdio: ['pipe', log, log],
      // A process group of its own, so that the workers can be stopped with it.
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}

async function untilHealthy(child: ChildProcess, url: string): Promise<void> {
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`it ended with ${signal ?? `exit code ${code}`}`)));
  });
  const deadline = AbortSignal.timeout(startDeadlineMs);
  const healthy = async (): Promise<void> => {
    // Another emulator on the same port would answer too: only the child's own answer counts.
    while ((await answeringPid(url, deadline)) !== child.pid) {
      deadline.throwIfAborted();
      if (child.exitCode !== null || child.signalCode !== null) return;
      await delay(50);
    }
  };
  await Promise.race([healthy(), failed]);
}

async function answeringPid(url: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    const response = await fetch(`${url}/_local/health`, { signal });
    const { pid } = (await response.json()) as { pid?: number };
    return pid;
  } catch {
    return undefined;
  }
}

async function stopGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const inTime = await Promise.race([exited.then(() => true), delay(stopDeadlineMs, false, { ref: false })]);
    if (!inTime) {
      child.kill('SIGKILL');
      await exited;
    }
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of the group is left, which is the normal case.
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The system gave no TCP port.');
  return address.port;
}

function tail(logFile: string): string {
  return readFileSync(logFile, 'utf8').split('\n').slice(-20).join('\n');
}
