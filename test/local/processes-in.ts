import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The ids of the processes that work in this folder, or whose command line names it. */
export function processesIn(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8'), readlinkSync(`/proc/${pid}/cwd`)].some((text) =>
          text.includes(folder),
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}
