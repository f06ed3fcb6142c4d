import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readCloudState } from '../../local/cloud/record.ts';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { LOCAL } from '../../local/project.ts';
import { createFleet, type FleetSettings } from './fleet.ts';
import { countLogins } from './logins.ts';
import { type FleetUse, rotateFleet, type ServerProcesses } from './rotate-fleet.ts';

/** The content of bench/results/rotations.json. */
export interface FleetMeasurement {
  /** `2026-11-25` */
  readonly date: string;
  readonly processors: number;
  readonly settings: FleetSettings;
  readonly setupSeconds: number;
  readonly use: FleetUse;
  /** Secrets whose AWSCURRENT logs in after all rotations. */
  readonly logins: number;
  /** Secrets whose password from before the rotation still logs in. */
  readonly loginsWithOldPassword: number;
}

/** A failed attempt starts again so often that the limit of concurrency fails no rotation. */
const RETRIES = 1000;
const RETRY_SPACING_SECONDS = 1;

/**
 * Starts a local cloud, rotates a fleet in it by schedule, and stops it. Nothing else may use this
 * cloud, because the measurement advances its clock by weeks.
 */
export async function measureFleet(
  settings: FleetSettings,
  progress: (line: string) => void,
): Promise<FleetMeasurement> {
  const stateDir = join(LOCAL, `fleet-${process.pid}`);
  const cloud = await startLocalCloud({
    stateDir,
    emulator: {
      retries: RETRIES,
      retrySpacingSeconds: RETRY_SPACING_SECONDS,
      env: {
        LAMBDA_ACCOUNT_CONCURRENCY: String(settings.concurrency),
        // A worker that ends takes its CPU time and its peak memory with it.
        LAMBDA_WARM_TTL_SECONDS: '86400',
      },
    },
  });
  try {
    const total = settings.secrets;
    progress(`Creating ${total} users, secrets and schedules`);
    const begin = performance.now();
    const fleet = await createFleet(cloud, settings);
    const setupSeconds = (performance.now() - begin) / 1000;
    const servers = serversIn(stateDir);
    const use = await rotateFleet(cloud, fleet, servers, (ended) => progress(`Rotated ${ended} of ${total}`));
    progress('Logging in with every password');
    return {
      date: new Date().toISOString().slice(0, 10),
      processors: availableParallelism(),
      settings,
      setupSeconds,
      use,
      ...(await countLogins(cloud, fleet.secrets)),
    };
  } finally {
    await cloud.stop();
  }
}

function serversIn(stateDir: string): ServerProcesses {
  const state = readCloudState(stateDir);
  const running = state.kind === 'none' ? undefined : state.record.running;
  if (running === undefined) {
    throw new Error(`No local cloud runs in ${stateDir}.`);
  }
  return { emulator: running.emulator.pid, milvus: running.milvus.map(({ pid }) => pid) };
}
