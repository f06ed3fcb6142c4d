import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from './process-identity.ts';

const POLL_MS = 20;

/**
 * Ends a process that leads its own process group, and whatever is left of the group after it, and waits until it is
 * gone. A process that has ended already, or whose id now belongs to another, is left alone.
 *
 * @param graceMs How long it may take over SIGTERM before SIGKILL.
 */
export async function stopProcess(process: ProcessIdentity, graceMs = 5_000): Promise<void> {
  if (!isRunning(process)) {
    return;
  }
  signal(process.pid, 'SIGTERM');
  if (!(await ends(process, graceMs))) {
    signal(process.pid, 'SIGKILL');
    if (!(await ends(process, graceMs))) {
      throw new Error(
        `Process ${process.pid} does not end, not even by SIGKILL. Look at it with: ps -o pid,stat,args -p ${process.pid}`,
      );
    }
  }
  signal(-process.pid, 'SIGKILL');
}

async function ends(process: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
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
