import { describe, expect, it, onTestFinished } from 'vitest';
import { RETRIED } from '../../bench/continuity/events.ts';
import { measure } from '../../bench/continuity/measure.ts';
import { brokenPromises, failedCalls, type RunSettings } from '../../bench/continuity/results.ts';
import { audit, createCollection, dropCollection, rowOf } from '../../bench/continuity/rows.ts';
import { deploySecrets, SERVER } from '../../bench/continuity/secret.ts';
import { asRoot, expectSuccess } from '../../local/servers/milvus-client.ts';
import type { StrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { servers } from '../support/servers.ts';

const CLIENTS: Readonly<Record<StrategyName, RunSettings['clients']>> = {
  'single-user': ['rotating', 'failure', 'never'],
  'alternating-users': ['interval', 'never'],
  'api-key': ['rotating', 'interval', 'never'],
};

/** The gap lasts until every application has called and every reader has read. */
const SETTINGS: Omit<RunSettings, 'clients'> = {
  workers: 4,
  callsPerSecond: 40,
  comparisonCallsPerSecond: 20,
  rotations: 2,
  faults: [RETRIED],
  intervalMs: 200,
  gapMs: 0,
};

/** The short form of `npm run bench:continuity`. */
describe('applications, while the deployed function rotates their secret', () => {
  it('lose no call and no row with a client that survives, and fail with the other clients', async () => {
    const secrets = await deploySecrets(servers());
    onTestFinished(() => {
      for (const secret of secrets) secret.close();
    });
    const runs = await Promise.all(
      secrets.map((secret) =>
        measure(servers(), secret, { ...SETTINGS, clients: CLIENTS[secret.strategy] }, () => undefined),
      ),
    );
    expect(runs.map(({ strategy }) => strategy)).toEqual(['single-user', 'alternating-users', 'api-key']);
    expect(runs.flatMap(brokenPromises)).toEqual([]);
    for (const { strategy, events, applications } of runs) {
      expect(events.map(({ name }) => name)).toEqual(['rotation', 'rotation', RETRIED, 'rotation after the faults']);
      expect(applications.map(({ client }) => client)).toEqual(CLIENTS[strategy]);
      // Without the old credential and without a new one, calls fail under each strategy.
      expect(failedCalls(applications.at(-1) ?? expect.fail())).toBeGreaterThan(0);
      for (const { inserts, failures } of applications) {
        expect(inserts.confirmed).toBeGreaterThan(0);
        expect(Object.keys(failures).filter((code) => code !== '16')).toEqual([]);
        expect(inserts.unconfirmed).toBe(0);
      }
    }
    // The second rotation deleted the first key.
    const withKeys = runs.at(-1)?.applications ?? [];
    expect(withKeys.map(({ failedBeforeDeletion }) => failedBeforeDeletion)).toEqual([0, 0, 0]);
    const [rotating] = runs[0]?.applications ?? [];
    // Calls did meet the interruption, and succeeded with another credential.
    expect(rotating?.around['rotation']).toMatchObject({ failed: 0, repeated: { calls: expect.any(Number) } });
  });

  it('are audited: a lost row, a duplicate row and a row of an unconfirmed insert are found', async () => {
    const server = servers().access.milvus[SERVER];
    const collection = await createCollection(server);
    onTestFinished(() => dropCollection(server, collection));
    await asRoot(server, async (root) => {
      const data = [0, 1, 1, 3].map(rowOf);
      expectSuccess('insert', (await root.insert({ collection_name: collection, data })).status);
    });
    expect(await audit(server, { collection, confirmed: new Set([0, 1, 2]), keys: 4 })).toEqual({
      confirmed: 3,
      lost: 1,
      duplicates: 1,
      unconfirmed: 1,
    });
  });
});
