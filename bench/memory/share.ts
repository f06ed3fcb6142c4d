/** With this memory size, a function has one vCPU. Lambda allots CPU in proportion to memory. */
const MEMORY_OF_ONE_CPU_MB = 1769;

/** The part of one vCPU that a function has, at most 1, because Node runs the function on one. */
export function cpuShare(memoryMb: number): number {
  return Math.min(1, memoryMb / MEMORY_OF_ONE_CPU_MB);
}

/** Time and CPU of a rotation whose CPU is not limited. */
export interface RotationTime {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/**
 * The billed time of a rotation with a memory size: the CPU takes longer, and the waiting for AWS
 * and for the cluster stays the same.
 */
export function billedSeconds({ seconds, cpuSeconds }: RotationTime, memoryMb: number): number {
  return Math.max(0, seconds - cpuSeconds) + cpuSeconds / cpuShare(memoryMb);
}
