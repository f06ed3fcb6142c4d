import { readFileSync } from 'node:fs';

/**
 * One process for as long as this machine exists: the kernel reuses process ids, and after a reboot all of them, so an
 * id that was written down proves nothing without the moment at which its process started.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** The boot, and the start within it in clock ticks. */
  readonly started: string;
}

/** @returns undefined when no such process runs (one that has ended and waits for its parent does not run). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const started = startOf(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isRunning(process: ProcessIdentity): boolean {
  return startOf(process.pid) === process.started;
}

function startOf(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : `${bootId()}/${fields[18]}`;
}

let boot: string | undefined;

function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}
