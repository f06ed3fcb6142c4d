import { setTimeout as wait } from 'node:timers/promises';
import type { LocalCloudAccess } from '../../local/cloud/access.ts';
import { emulatorRequest, rotationView } from '../../local/cloud/emulator-control.ts';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { lambdaMetrics } from '../cloud/lambda-metrics.ts';
import { workersOf } from '../processes/function-workers.ts';
import { cpuSecondsOf, usageOf } from '../processes/usage.ts';
import type { Fleet, FleetSecret } from './fleet.ts';
import { inParallel } from './in-parallel.ts';

/** What the rotations of a fleet used. */
export interface FleetUse {
  /** The time from the first start of a rotation to the last end. */
  readonly seconds: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Attempts that failed because Lambda refused an invocation for lack of concurrency. */
  readonly throttledAttempts: number;
  /** Attempts that failed for another reason. */
  readonly otherFailedAttempts: number;
  /** The number of invocations, without those that Lambda refused. */
  readonly invocations: number;
  /** The sum of the durations of all invocations, with the start of the process. */
  readonly functionSeconds: number;
  readonly functionCpuSeconds: number;
  readonly emulatorCpuSeconds: number;
  readonly milvusCpuSeconds: number;
  /** The largest of all workers. */
  readonly peakMemoryMb: number;
  readonly workers: number;
  /** Calls of the function, by action. */
  readonly awsCalls: Readonly<Record<string, number>>;
}

/** The ids of the processes of the local cloud. */
export interface ServerProcesses {
  readonly emulator: number;
  readonly milvus: readonly number[];
}

const HOUR = 3600;
const POLL_MS = 50;

/**
 * Moves the clock from hour to hour until every schedule has started its rotation, and waits for
 * the end of the rotations of each hour.
 *
 * @param progress Called with the number of ended rotations.
 */
export async function rotateFleet(
  cloud: AttachedCloud,
  { functionName, secrets }: Fleet,
  servers: ServerProcesses,
  progress: (ended: number) => void,
): Promise<FleetUse> {
  const usage = async () => ({
    lambda: await lambdaMetrics(cloud.access, functionName),
    worker: cpuSecondsOf(workersOf(functionName)),
    emulator: cpuSecondsOf([servers.emulator]),
    milvus: cpuSecondsOf(servers.milvus),
  });
  await advanceToFirstWindow(cloud);
  const before = await usage();
  await emulatorRequest(cloud.access, 'DELETE', 'calls');
  const begin = performance.now();
  const started = new Set<string>();
  while (started.size < secrets.length) {
    for (const arn of await cloud.advanceClock(HOUR)) {
      started.add(arn);
    }
    await untilIdle(cloud.access, (running) => progress(started.size - running));
  }
  const seconds = (performance.now() - begin) / 1000;
  const { calls } = (await emulatorRequest(cloud.access, 'GET', 'calls')) as { calls: Record<string, number> };
  const after = await usage();
  const workers = workersOf(functionName);
  return {
    seconds,
    ...(await outcomes(cloud, secrets)),
    invocations: after.lambda.invocations - before.lambda.invocations,
    functionSeconds: after.lambda.seconds - before.lambda.seconds,
    functionCpuSeconds: after.worker - before.worker,
    emulatorCpuSeconds: after.emulator - before.emulator,
    milvusCpuSeconds: after.milvus - before.milvus,
    peakMemoryMb: Math.max(...workers.map((pid) => usageOf(pid).peakMemoryMb)),
    workers: workers.length,
    awsCalls: calls,
  };
}

/**
 * Stops an hour before the first window of the schedules: the first Sunday of a month, 00:00.
 */
async function advanceToFirstWindow(cloud: AttachedCloud): Promise<void> {
  const { now } = (await emulatorRequest(cloud.access, 'GET', 'clock')) as { now: number };
  const date = new Date(now * 1000);
  const firstSundays = [0, 1].map((months) => {
    const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
    return first.getTime() / 1000 + ((7 - first.getUTCDay()) % 7) * 24 * HOUR;
  });
  const window = firstSundays.find((sunday) => sunday - HOUR > now) ?? now;
  const due = await cloud.advanceClock(window - HOUR - now);
  if (due.length > 0) {
    throw new Error(`${due.length} rotations started before the first window.`);
  }
}

/** Waits until no rotation runs. @param progress Called with the number that still run. */
export async function untilIdle(
  emulator: LocalCloudAccess,
  progress: (running: number) => void = () => undefined,
): Promise<void> {
  let running: number;
  do {
    await wait(POLL_MS);
    const health = (await emulatorRequest(emulator, 'GET', 'health')) as { rotations_under_way: number };
    running = health.rotations_under_way;
    progress(running);
  } while (running > 0);
}

type Outcomes = Pick<FleetUse, 'succeeded' | 'failed' | 'throttledAttempts' | 'otherFailedAttempts'>;

async function outcomes(cloud: AttachedCloud, secrets: readonly FleetSecret[]): Promise<Outcomes> {
  const views = await inParallel(secrets, 16, ({ name }) => rotationView(cloud.access, name));
  const histories = views.map(({ history }) => history);
  const succeeded = histories.filter((history) => history.at(-1)?.event === 'RotationSucceeded').length;
  const failures = histories.flat().filter(({ event }) => event === 'RotationFailed');
  const throttledAttempts = failures.filter(({ reason }) => reason === 'Lambda answered 429').length;
  return {
    succeeded,
    failed: secrets.length - succeeded,
    throttledAttempts,
    otherFailedAttempts: failures.length - throttledAttempts,
  };
}
