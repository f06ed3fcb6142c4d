import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * The moment at which a process started. With its id, the moment identifies the process: systems
 * reuse ids.
 *
 * @returns {string | undefined} undefined if no process with this id runs.
 */
export function startOf(pid) {
  return process.platform === 'linux' ? startInProc(pid) : startFromSystem(pid);
}

/** Ends a process that {@link Commands} started, and the children of the process. */
export function endTree(pid, signal) {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(pid), '/t', '/f'], { windowsHide: true });
  } else {
    process.kill(-pid, signal);
  }
}

function startInProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The second field is the program's name in parentheses. The name can contain spaces and
    // parentheses.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : `${boot}/${fields[18]}`;
  } catch {
    return undefined;
  }
}

function startFromSystem(pid) {
  const [command, ...args] =
    process.platform === 'win32'
      ? ['powershell.exe', '-NoProfile', '-NonInteractive', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`]
      : ['ps', '-o', 'lstart=', '-p', String(pid)];
  const { error, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
    windowsHide: true,
  });
  if (error) {
    throw error;
  }
  return stdout.trim() || undefined;
}
