import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { emulatorRequest } from '../../local/cloud/emulator-control.ts';
import { type RunningCommand, startOperatorCommand } from '../../local/cloud/operator-command.ts';
import { startLocalCloud } from '../../local/local-cloud.ts';
import { LOCAL } from '../../local/project.ts';
import { createFleet } from '../rotations/fleet.ts';
import { countLogins } from '../rotations/logins.ts';
import { untilIdle } from '../rotations/rotate-fleet.ts';

/**
 * One run of `rotate --rotated-by` in the local cloud: nothing is replaced. AWS's quotas are
 * enforced.
 */
export interface CloudMeasurement {
  readonly secrets: number;
  /** From the first to the last RotateSecret, by the journal of the command. */
  readonly startsPerSecond: number;
  /** The starts that AWS's quota of 50 writes a second allows. */
  readonly quotaPerSecond: number;
  /** Calls of the command and of the function that exceeded a quota. */
  readonly throttled: number;
  /** From the start of the process until every rotation has started. */
  readonly seconds: number;
  /** Secrets whose AWSCURRENT logs in afterwards. */
  readonly logins: number;
  /** Secrets whose password from before the rotation still logs in. */
  readonly loginsWithOldPassword: number;
}

/** Writes a second. */
const QUOTA = 50;

/** The writes that the first rotation of a secret costs in the quota. */
const WRITES = 2;

/** Rotations that the function executes at a time. More would wait for the two processors. */
const ROTATIONS_AT_A_TIME = 8;

/** A rotation waits for its turn after its start. */
const TIMEOUT = '2h';

const POLL_MS = 500;

export async function measureCloud(secrets: number): Promise<CloudMeasurement> {
  const cloud = await startLocalCloud({
    stateDir: join(LOCAL, `bulk-${process.pid}`),
    emulator: { retries: 100, retrySpacingSeconds: 1, rotationsAtATime: ROTATIONS_AT_A_TIME, quota: QUOTA },
  });
  const folder = mkdtempSync(join(tmpdir(), 'bulk-'));
  try {
    const fleet = await createFleet(cloud, { secrets, spreadHours: 23, concurrency: ROTATIONS_AT_A_TIME });
    const journal = join(folder, 'journal.jsonl');
    await emulatorRequest(cloud.access, 'DELETE', 'calls');
    const begin = performance.now();
    const command = startOperatorCommand(cloud.access, [
      ...['rotate', '--rotated-by', fleet.functionName, '--yes', '--json'],
      ...['--journal', journal, '--timeout', TIMEOUT, '--concurrency', String(secrets)],
    ]);
    await untilStarted(journal, secrets, command);
    const seconds = (performance.now() - begin) / 1000;
    // The rotations go on. Without an end, the reads of 1,000 rotations that wait for their turn
    // would take the machine from the function.
    command.signal('SIGINT');
    await command.result;
    await untilIdle(cloud.access);
    return {
      secrets,
      startsPerSecond: startsPerSecond(readFileSync(journal, 'utf8')),
      quotaPerSecond: QUOTA / WRITES,
      throttled: ((await emulatorRequest(cloud.access, 'GET', 'calls')) as { throttled: number }).throttled,
      seconds,
      ...(await countLogins(cloud, fleet.secrets)),
    };
  } finally {
    rmSync(folder, { recursive: true });
    await cloud.stop();
  }
}

/** @throws Error if the command ends first */
async function untilStarted(journal: string, secrets: number, command: RunningCommand): Promise<void> {
  let ended = false;
  void command.result.then(() => (ended = true));
  while (!existsSync(journal) || readFileSync(journal, 'utf8').split('"event":"started"').length <= secrets) {
    if (ended) {
      throw new Error(`rotate ended before it started every rotation:\n${command.output.err}`);
    }
    await setTimeout(POLL_MS);
  }
}

function startsPerSecond(journal: string): number {
  const times = journal
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; at: number })
    .filter(({ event }) => event === 'start')
    .map(({ at }) => at);
  return (1000 * (times.length - 1)) / (Math.max(...times) - Math.min(...times));
}
