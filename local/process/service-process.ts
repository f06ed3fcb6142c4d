import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';

export interface ServiceCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: a server inherits nothing of the shell that it is started from. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes both output streams; written anew. */
  readonly logFile: string;
}

export interface ServiceProcess {
  readonly identity: ProcessIdentity;
  /** How it ended, or undefined while it runs. */
  ended(): string | undefined;
}

/**
 * Starts a server in a process group of its own: a Ctrl-C in the terminal then reaches us alone, and we stop the servers
 * in order. It does not keep this process from ending.
 *
 * @throws Error when the program cannot be started.
 */
export async function startService(service: ServiceCommand): Promise<ServiceProcess> {
  const log = openSync(service.logFile, 'w', 0o600);
  let child: ChildProcess;
  try {
    child = spawn(service.command, service.args, {
      cwd: service.cwd,
      env: service.env,
      stdio: ['ignore', log, log],
      detached: true,
    });
    await once(child, 'spawn');
  } finally {
    closeSync(log);
  }
  child.unref();
  const identity = identifyProcess(child.pid ?? 0);
  if (identity === undefined) {
    throw new Error(`${service.command} ended at once. ${lastLines(service.logFile)}`);
  }
  return {
    identity,
    ended: () => {
      if (child.signalCode !== null) {
        return `ended by ${child.signalCode}`;
      }
      return child.exitCode === null ? undefined : `ended with exit code ${child.exitCode}`;
    },
  };
}

/** The end of a log, for an error message. */
export function lastLines(logFile: string, count = 15): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count);
  return `The end of ${logFile}:\n${lines.map((line) => `  ${line.slice(0, 300)}`).join('\n')}`;
}
