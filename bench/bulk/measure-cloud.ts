import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOperatorCommand } from '../../local/cloud/operator-command.ts';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { LOCAL } from '../../local/project.ts';
import { createFleet } from '../rotations/fleet.ts';
import { countLogins } from '../rotations/logins.ts';

/** One run of `rotate --rotated-by` in the local cloud: nothing is replaced. */
export interface CloudMeasurement {
  readonly secrets: number;
  readonly rotated: number;
  readonly seconds: number;
  /** Secrets whose AWSCURRENT logs in afterwards. */
  readonly logins: number;
  /** Secrets whose password from before the rotation still logs in. */
  readonly loginsWithOldPassword: number;
}

const SCHEDULES_AT_A_TIME = 8;

export async function measureCloud(secrets: number): Promise<CloudMeasurement> {
  const cloud = await startLocalCloud({
    stateDir: join(LOCAL, `bulk-${process.pid}`),
    emulator: { retries: 100, retrySpacingSeconds: 1 },
  });
  const folder = mkdtempSync(join(tmpdir(), 'bulk-'));
  try {
    const fleet = await createFleet(cloud, { secrets, spreadHours: 23, concurrency: SCHEDULES_AT_A_TIME });
    const begin = performance.now();
    const { out } = await startOperatorCommand(cloud.access, [
      ...['rotate', '--rotated-by', fleet.functionName, '--yes', '--json'],
      ...['--journal', join(folder, 'journal.jsonl'), '--timeout', '30m'],
    ]).result;
    const seconds = (performance.now() - begin) / 1000;
    const reports = (JSON.parse(out) as { secrets: { outcome: string }[] }).secrets;
    return {
      secrets,
      rotated: reports.filter(({ outcome }) => outcome === 'rotated').length,
      seconds,
      ...(await countLogins(cloud, fleet.secrets)),
    };
  } finally {
    rmSync(folder, { recursive: true });
    await cloud.stop();
  }
}
