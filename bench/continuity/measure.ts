import { setTimeout as wait } from 'node:timers/promises';
import type { AttachedCloud } from '../../local/local-cloud.ts';
import { Application } from './application.ts';
import { type ClientName, connectClient } from './clients.ts';
import { faultsOf, ROTATION, until } from './events.ts';
import { type RunSettings, resultOf, type StrategyRun, subjectOf } from './results.ts';
import { audit, createCollection, dropCollection } from './rows.ts';
import { type ContinuitySecret, SERVER } from './secret.ts';

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
  const { intervalMs } = settings;
  const start = async (name: ClientName): Promise<Application> => {
    const client = await connectClient(name, { access, cluster: secret.cluster, secretId: secret.name, intervalMs });
    const isSubject = name === subjectOf(secret.strategy);
    return new Application(name, client, await createCollection(server), {
      workers: settings.workers,
      callsPerSecond: isSubject ? settings.callsPerSecond : settings.comparisonCallsPerSecond,
    });
  };
  const applications = await Promise.all(settings.clients.map(start));
  try {
    const startedAt = performance.now();
    const events = await runEvents(secret, settings, applications, progress);
    const seconds = (performance.now() - startedAt) / 1000;
    await Promise.all(applications.map((application) => application.stop()));
    const { keyDeletedAt } = secret;
    const results = [];
    for (const application of applications) {
      const { client, calls } = application;
      const inserts = await audit(server, application);
      const record = { calls, replacements: client.replacements };
      results.push(resultOf(application.name, record, inserts, { events, seconds, keyDeletedAt }));
    }
    return { strategy: secret.strategy, seconds, events, applications: results };
  } finally {
    for (const application of applications) {
      await application.stop();
      await application.client.close();
      await dropCollection(server, application.collection);
    }
  }
}

async function runEvents(
  secret: ContinuitySecret,
  settings: RunSettings,
  applications: readonly Application[],
  progress: (line: string) => void,
): Promise<StrategyRun['events']> {
  const faults = faultsOf(secret.strategy, settings.faults);
  const events = [...Array.from({ length: settings.rotations }, () => ROTATION), ...faults];
  const happened: Array<StrategyRun['events'][number]> = [];
  /** Waits for the gap, and longer until every worker has called and every reader has read. */
  const gap = async (): Promise<void> => {
    const since = performance.now();
    await wait(settings.gapMs);
    await until('every application calls, and reads the secret if it does so in intervals', () =>
      Promise.resolve(applications.every((application) => application.hasSettledSince(since))),
    );
  };
  await gap();
  for (const [index, { name, run }] of events.entries()) {
    progress(`${secret.strategy}: ${index + 1} of ${events.length}, ${name}`);
    happened.push({ name, beganAt: performance.now() });
    await run(secret);
    await gap();
  }
  return happened;
}
