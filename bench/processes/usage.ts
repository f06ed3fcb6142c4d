import { readFileSync } from 'node:fs';

export interface ProcessUsage {
  readonly cpuSeconds: number;
  /** The largest resident set of the process so far. 1 MB is 1024 × 1024 bytes, as in Lambda. */
  readonly peakMemoryMb: number;
}

/** Linux reports CPU times in ticks of 10 ms to every program. */
const TICKS_PER_SECOND = 100;

/** @throws Error if no process with this id runs. */
export function usageOf(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses. The name can contain them too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    peakMemoryMb: Number(peak ?? 0) / 1024,
  };
}

export function cpuSecondsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + usageOf(pid).cpuSeconds, 0);
}
