import { existsSync, globSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuShare } from './share.ts';

const CGROUPS = '/sys/fs/cgroup';
const PREFIX = 'zilliz-rotation-';
const PERIOD_MICROSECONDS = 20_000;
const BYTES_PER_MB = 1024 * 1024;

/** Control groups of Linux for the workers of functions, one pair for each memory size. */
export interface Limits {
  /** The files into which a process writes its id to get the limits of the size. */
  readonly files: (memoryMb: number) => readonly string[];
  /** Removes the groups. Call this after the end of the processes in them. */
  readonly remove: () => void;
}

/**
 * Creates a memory group and a CPU group for each size.
 *
 * @param sizes Memory limits in MB, with the CPU share that Lambda gives to the size.
 * @param onlyMemory Memory limits in MB, with one full CPU.
 * @returns undefined if this process may not create groups of version 1. Usually only root may.
 */
export function createLimits(sizes: readonly number[], onlyMemory: readonly number[]): Limits | undefined {
  const memorySizes = [...sizes, ...onlyMemory];
  // The memory group is below the group of this process, whose limits still apply.
  const own = /^\d+:memory:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  const parents = { cpu: join(CGROUPS, 'cpu'), memory: join(CGROUPS, 'memory', own ?? '') };
  if (own === undefined || !existsSync(join(parents.cpu, 'cpu.cfs_quota_us'))) {
    return undefined;
  }
  const folders = (memoryMb: number): { cpu: string; memory: string } => {
    const name = `${PREFIX}${process.pid}-${memoryMb}`;
    return { cpu: join(parents.cpu, name), memory: join(parents.memory, name) };
  };
  try {
    removeGroups(parents.cpu, parents.memory);
    for (const memoryMb of memorySizes) {
      const { cpu, memory } = folders(memoryMb);
      const share = onlyMemory.includes(memoryMb) ? 1 : cpuShare(memoryMb);
      mkdirSync(cpu);
      writeFileSync(join(cpu, 'cpu.cfs_period_us'), String(PERIOD_MICROSECONDS));
      writeFileSync(join(cpu, 'cpu.cfs_quota_us'), String(Math.round(PERIOD_MICROSECONDS * share)));
      mkdirSync(memory);
      writeFileSync(join(memory, 'memory.limit_in_bytes'), String(memoryMb * BYTES_PER_MB));
    }
  } catch {
    return undefined;
  }
  return {
    files: (memoryMb) => Object.values(folders(memoryMb)).map((folder) => join(folder, 'cgroup.procs')),
    remove: () => removeGroups(parents.cpu, parents.memory),
  };
}

/** Removes every group of this benchmark without processes, also those of a killed run. */
function removeGroups(...parents: readonly string[]): void {
  for (const folder of parents.flatMap((parent) => globSync(join(parent, `${PREFIX}*`)))) {
    try {
      rmdirSync(folder);
    } catch {
      // Another run uses the group.
    }
  }
}
