import { readFileSync } from 'node:fs';

/**
 * Tells a process from a later one with the same id. Where there is no /proc it only tells whether there is one.
 *
 * @returns {string | undefined} undefined when no such process runs.
 */
export function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : `${boot}/${fields[18]}`;
  } catch {
    return process.platform !== 'linux' && isAlive(pid) ? 'alive' : undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
