import { readFileSync } from 'node:fs';

/**
 * Identifies a process, also after a reboot. The id alone does not, because the kernel reuses ids.
 * local/setup/processes.mjs does the same for the setup, which cannot load TypeScript.
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
