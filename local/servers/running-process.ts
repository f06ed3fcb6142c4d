import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Identifies a process, also after a reboot. The id alone does not, because the kernel reuses ids.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** The id of the boot, and the start of the process in clock ticks after the boot. */
  readonly started: string;
}

/** @returns undefined if no process with this id runs. A zombie does not run. */
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
  // The second field is the program's name in parentheses. The name can contain them too.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : `${bootId()}/${fields[18]}`;
}

let boot: string | undefined;

function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}

const POLL_MS = 20;

/**
 * Ends a process and its process group, and waits until the process is gone. The process must lead
 * the group. Does nothing if the process has ended, also if another process has its id now.
 *
 * @param graceMs Time between SIGTERM and SIGKILL, in milliseconds.
 */
export async function stopProcess(process: ProcessIdentity, graceMs = 5_000): Promise<void> {
  if (!isRunning(process)) {
    return;
  }
  signal(process.pid, 'SIGTERM');
  if (!(await endsWithin(process, graceMs))) {
    signal(process.pid, 'SIGKILL');
    if (!(await endsWithin(process, graceMs))) {
      throw new Error(
        `SIGKILL did not end process ${process.pid}. Examine it with: ps -o pid,stat,args -p ${process.pid}`,
      );
    }
  }
  signal(-process.pid, 'SIGKILL');
}

async function endsWithin(process: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (isRunning(process)) {
    if (performance.now() > deadline) {
      return false;
    }
    await sleep(POLL_MS);
  }
  return true;
}

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) {
      throw error;
    }
  }
}
