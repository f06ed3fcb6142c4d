import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from './process-identity.ts';

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
