import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { LOCAL, NODE_BIN } from '../../local/project.ts';
import { median } from '../performance/results.ts';
import { writeLimitedNode } from './limited-node.ts';
import { createLimits, type Limits } from './limits.ts';
import type { RotationTime } from './share.ts';
import { type Rotation, Subject } from './subject.ts';

/**
 * The content of bench/results/memory.json. Times are medians of the rounds. A peak of the memory
 * is the largest value, `logBytes` is a mean, and the calls are those of the last rotation.
 */
export interface MemoryMeasurement {
  /** `2026-11-25` */
  readonly date: string;
  readonly processors: number;
  readonly rounds: number;
  /** Rotations without a limit of CPU and memory. */
  readonly unlimited: {
    readonly cold: RotationTime;
    readonly warm: RotationTime;
    readonly peakMemoryMb: number;
    /** Calls of the last cold rotation, by action. */
    readonly coldCalls: Readonly<Record<string, number>>;
    readonly warmCalls: Readonly<Record<string, number>>;
  };
  /** What CloudWatch charges for the log of a rotation. */
  readonly logBytes: number;
  /** Rotations with the CPU and memory of each size. Empty if this machine cannot limit them. */
  readonly sizes: readonly LimitedRotations[];
  /** A worker of the smallest size that rotates again and again. */
  readonly longLived: LongLivedWorker | undefined;
  /** Rotations with a limit of the memory only. Empty if this machine cannot limit it. */
  readonly underPressure: readonly PressedRotation[];
}

export interface LimitedRotations {
  readonly memoryMb: number;
  /** undefined: a rotation failed. */
  readonly coldSeconds: number | undefined;
  readonly warmSeconds: number | undefined;
}

export interface LongLivedWorker {
  readonly memoryMb: number;
  readonly rotations: number;
  readonly failed: number;
  readonly peakMemoryMb: number;
}

/** A cold rotation with too little memory, then one with enough. */
export interface PressedRotation {
  readonly memoryMb: number;
  /** The step in which the kernel ended the worker. undefined: the rotation succeeded. */
  readonly failedStep: string | undefined;
  /** Whether the credential in AWSCURRENT still logged in after the failure. */
  readonly logsInAfterFailure: boolean;
  /** Whether the next attempt with enough memory ended the rotation, and AWSCURRENT logs in. */
  readonly recovers: boolean;
}

/** The sizes of the page. */
export const SIZES: readonly number[] = [128, 192, 256, 512, 1024, 1769];
const PRESSED: readonly number[] = Array.from({ length: 40 }, (_, index) => 20 + 8 * index).filter(
  (memoryMb) => !SIZES.includes(memoryMb),
);
/** Warm rotations of one worker with the smallest size. */
const LONG_LIVED = 40;
/** This size has no control group, so its worker has no limit. */
const UNLIMITED_MB = 10_240;
/** Successful rotations under pressure after which the sizes are large enough. */
const ENOUGH = 3;

export async function measureMemory(rounds: number, progress: (line: string) => void): Promise<MemoryMeasurement> {
  const stateDir = join(LOCAL, `memory-${process.pid}`);
  const limits = createLimits(SIZES, PRESSED);
  const programs = writeLimitedNode(join(LOCAL, 'memory-node'), [...SIZES, ...PRESSED], limits);
  const PATH = [programs, NODE_BIN, process.env['PATH']].join(delimiter);
  const cloud = await startLocalCloud({ stateDir, emulator: { env: { PATH } } });
  try {
    const subject = await Subject.in(cloud);
    progress('Rotating without limits');
    const unlimited = await rotateUnlimited(subject, rounds);
    // The test of the schedule has logged, too.
    const logBytes = Math.round((await subject.logBytes()) / (2 * rounds));
    return {
      date: new Date().toISOString().slice(0, 10),
      processors: availableParallelism(),
      rounds,
      unlimited,
      logBytes,
      ...(await rotateLimited(subject, rounds, limits, progress)),
    };
  } finally {
    await cloud.stop();
    limits?.remove();
  }
}

async function rotateUnlimited(subject: Subject, rounds: number): Promise<MemoryMeasurement['unlimited']> {
  await subject.setMemory(UNLIMITED_MB);
  const { cold, warm } = await rotations(subject, rounds);
  const failed = [...cold, ...warm].find(({ failedStep }) => failedStep !== undefined);
  if (failed) {
    throw new Error(`A rotation without limits failed in ${failed.failedStep}.`);
  }
  return {
    cold: timeOf(cold),
    warm: timeOf(warm),
    peakMemoryMb: Math.max(...[...cold, ...warm].map(({ peakMemoryMb }) => peakMemoryMb)),
    coldCalls: cold.at(-1)?.secretsManagerCalls ?? {},
    warmCalls: warm.at(-1)?.secretsManagerCalls ?? {},
  };
}

async function rotateLimited(
  subject: Subject,
  rounds: number,
  limits: Limits | undefined,
  progress: (line: string) => void,
): Promise<Pick<MemoryMeasurement, 'sizes' | 'longLived' | 'underPressure'>> {
  const sizes: LimitedRotations[] = [];
  const underPressure: PressedRotation[] = [];
  for (const memoryMb of limits === undefined ? [] : SIZES) {
    progress(`Rotating with ${memoryMb} MB`);
    await subject.setMemory(memoryMb);
    const { cold, warm } = await rotations(subject, rounds);
    sizes.push({ memoryMb, coldSeconds: secondsOf(cold), warmSeconds: secondsOf(warm) });
    await recover(subject);
  }
  const longLived = limits === undefined ? undefined : await rotateAgainAndAgain(subject, progress);
  for (const memoryMb of limits === undefined ? [] : PRESSED) {
    if (underPressure.filter(({ failedStep }) => failedStep === undefined).length < ENOUGH) {
      progress(`Rotating under a limit of ${memoryMb} MB`);
      await subject.setMemory(memoryMb);
      const { failedStep } = await subject.rotate({ isCold: true });
      const logsInAfterFailure = await subject.applicationsLogIn();
      underPressure.push({ memoryMb, failedStep, logsInAfterFailure, recovers: await recover(subject) });
    }
  }
  return { sizes, longLived, underPressure };
}

async function rotateAgainAndAgain(subject: Subject, progress: (line: string) => void): Promise<LongLivedWorker> {
  const memoryMb = Math.min(...SIZES);
  progress(`Rotating ${LONG_LIVED} times with ${memoryMb} MB and one worker`);
  await subject.setMemory(memoryMb);
  const rotated = [await subject.rotate({ isCold: true })];
  while (rotated.length <= LONG_LIVED) {
    rotated.push(await subject.rotate({ isCold: false }));
  }
  await recover(subject);
  return {
    memoryMb,
    rotations: rotated.length,
    failed: rotated.filter(({ failedStep }) => failedStep !== undefined).length,
    peakMemoryMb: Math.max(...rotated.map(({ peakMemoryMb }) => peakMemoryMb)),
  };
}

async function recover(subject: Subject): Promise<boolean> {
  await subject.setMemory(UNLIMITED_MB);
  const { failedStep } = await subject.rotate({ isCold: true });
  return failedStep === undefined && (await subject.applicationsLogIn());
}

async function rotations(subject: Subject, rounds: number): Promise<{ cold: Rotation[]; warm: Rotation[] }> {
  const cold: Rotation[] = [];
  const warm: Rotation[] = [];
  for (let round = 0; round < rounds; round++) {
    cold.push(await subject.rotate({ isCold: true }));
    warm.push(await subject.rotate({ isCold: false }));
  }
  return { cold, warm };
}

function timeOf(rotated: readonly Rotation[]): RotationTime {
  return {
    seconds: median(rotated.map(({ seconds }) => seconds)),
    cpuSeconds: median(rotated.map(({ cpuSeconds }) => cpuSeconds)),
  };
}

function secondsOf(rotated: readonly Rotation[]): number | undefined {
  return rotated.some(({ failedStep }) => failedStep !== undefined) ? undefined : timeOf(rotated).seconds;
}
