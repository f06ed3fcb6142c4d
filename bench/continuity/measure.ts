import { setTimeout as wait } from 'node:timers/promises';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import type { ClientName } from './clients.ts';
import { faultsOf, ROTATION } from './events.ts';
import { type RunSettings, resultOf, type StrategyRun, SUBJECT } from './results.ts';
import { audit, createCollection, dropCollection } from './rows.ts';
import { type RunningApplication, startApplication } from './running-application.ts';
import { type ContinuitySecret, SERVER } from './secret.ts';
import { now, until } from './time.ts';

/**
 * Runs an application for each client, all at the same time, and meanwhile rotates the secret that
 * all of them use.
 */
export async function measure(
  { access }: AttachedCloud,
  secret: ContinuitySecret,
  settings: RunSettings,
  progress: (line: string) => void,
): Promise<StrategyRun> {
  const server = access.milvus[SERVER];
  const start = async (name: ClientName): Promise<RunningApplication> =>
    startApplication({
      name,
      options: { access, secretId: secret.name, intervalMs: settings.intervalMs },
      collection: await createCollection(server),
      load: {
        workers: settings.workers,
        callsPerSecond: name === SUBJECT[secret.strategy] ? settings.callsPerSecond : settings.comparisonCallsPerSecond,
      },
    });
  const applications = await Promise.all(settings.clients.map(start));
  try {
    const startedAt = now();
    const events = await runEvents(secret, settings, startedAt, applications, progress);
    const seconds = (now() - startedAt) / 1000;
    const records = await Promise.all(
      applications.map(async (application) => ({ data: application.data, record: await application.stop() })),
    );
    const results = [];
    for (const { data, record } of records) {
      const inserts = await audit(server, { ...record, collection: data.collection });
      results.push(resultOf(data.name, record, inserts, { events, startedAt, seconds }));
    }
    return { strategy: secret.strategy, seconds: Math.round(seconds), events, applications: results };
  } finally {
    for (const application of applications) {
      await application.end();
      await dropCollection(server, application.data.collection);
    }
  }
}

async function runEvents(
  secret: ContinuitySecret,
  settings: RunSettings,
  startedAt: number,
  applications: readonly RunningApplication[],
  progress: (line: string) => void,
): Promise<StrategyRun['events']> {
  const faults = faultsOf(secret.strategy, settings.faults);
  const events = [...Array.from({ length: settings.rotations }, () => ROTATION), ...faults];
  const happened: Array<StrategyRun['events'][number]> = [];
  /** Waits for the gap, and longer until every worker has called and every reader has read. */
  const gap = async (): Promise<void> => {
    const since = now();
    await wait(settings.gapMs);
    await until('every application calls, and reads the secret if it does so in intervals', async () =>
      (await Promise.all(applications.map((application) => application.hasSettledSince(since)))).every(Boolean),
    );
  };
  await gap();
  for (const [index, { name, run }] of events.entries()) {
    progress(`${secret.strategy}: ${index + 1} of ${events.length}, ${name}`);
    const beganMs = Math.round(now() - startedAt);
    await run(secret);
    happened.push({ name, beganMs, endedMs: Math.round(now() - startedAt) });
    await gap();
  }
  return happened;
}
