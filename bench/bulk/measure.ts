import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { awsEnvironment } from '../../local/cloud/access.ts';
import { PROJECT } from '../../local/project.ts';
import { usageOf } from '../processes/usage.ts';
import type { CloudMeasurement } from './measure-cloud.ts';
import { mostInASecond } from './quota.ts';
import { type StandIn, startStandIn } from './stand-in.ts';

const SAMPLE_MS = 200;

/** One run of `rotate --all` against the stand-in. */
export interface PaceMeasurement {
  readonly secrets: number;
  /** Writes that AWS would count for each rotation. */
  readonly writesOfRotation: number;
  readonly exitCode: number | null;
  readonly rotated: number;
  /** From the first to the last RotateSecret. */
  readonly startsPerSecond: number;
  /** The starts that the quota of 50 writes a second allows. */
  readonly quotaPerSecond: number;
  readonly throttled: number;
  readonly mostWritesInASecond: number;
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** User and system time of the command, until shortly before its end. */
  readonly cpuSecondsOfRotation: number;
  readonly callsOfRotation: Readonly<Record<string, number>>;
  readonly loginsOfRotation: number;
}

/** The content of bench/results/bulk.json. */
export interface BulkMeasurement {
  /** The first rotation of each secret, then the second. */
  readonly pace: Machine & { readonly runs: readonly PaceMeasurement[] };
  readonly cloud: Machine & CloudMeasurement;
}

/** The machine at the start of a measurement. */
export interface Machine {
  /** `2026-11-25` */
  readonly date: string;
  readonly processors: number;
  /** Processes that wanted to run, on average of the minute before. */
  readonly load: number;
}

export function machine(): Machine {
  const [load = 0] = loadavg();
  return { date: new Date().toISOString().slice(0, 10), processors: availableParallelism(), load };
}

/**
 * Rotates a fleet twice against one stand-in. The second rotations remove a label each.
 */
export async function measurePace(secrets: number): Promise<readonly PaceMeasurement[]> {
  const standIn = await startStandIn(secrets);
  try {
    return [await measureRun(standIn, secrets, 2), await measureRun(standIn, secrets, 3)];
  } finally {
    await standIn.stop();
  }
}

async function measureRun(
  { url, received }: StandIn,
  secrets: number,
  writesOfRotation: number,
): Promise<PaceMeasurement> {
  received.reset();
  const folder = mkdtempSync(join(tmpdir(), 'bulk-'));
  const begin = performance.now();
  const args = [
    ...[join(PROJECT, 'cli', 'main.ts'), 'rotate', '--all', '--yes', '--json'],
    ...['--journal', join(folder, 'journal.jsonl'), '--transport', 'rest', '--allow-endpoint', '127.0.0.1'],
  ];
  const command = spawn(process.execPath, args, {
    env: { ...awsEnvironment({ awsUrl: url }), PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  command.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  let cpuSeconds = 0;
  const sampling = setInterval(() => {
    if (command.exitCode === null && command.pid !== undefined) {
      cpuSeconds = usageOf(command.pid).cpuSeconds;
    }
  }, SAMPLE_MS);
  const [exitCode] = (await once(command, 'close')) as [number | null];
  clearInterval(sampling);
  const seconds = (performance.now() - begin) / 1000;
  rmSync(folder, { recursive: true });
  const reports = (JSON.parse(out) as { secrets: { outcome: string }[] }).secrets;
  const { starts, writes, calls, throttled, logins } = received;
  const first = starts[0] ?? 0;
  return {
    secrets,
    writesOfRotation,
    exitCode,
    rotated: reports.filter(({ outcome }) => outcome === 'rotated').length,
    startsPerSecond: (1000 * (starts.length - 1)) / ((starts.at(-1) ?? 0) - first),
    quotaPerSecond: 50 / writesOfRotation,
    throttled,
    mostWritesInASecond: mostInASecond(writes),
    seconds,
    cpuSecondsOfRotation: cpuSeconds / secrets,
    callsOfRotation: Object.fromEntries(Object.entries(calls).map(([action, count]) => [action, count / secrets])),
    loginsOfRotation: logins / secrets,
  };
}
