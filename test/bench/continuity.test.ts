import { describe, expect, it, vi } from 'vitest';
import { Application, type Call } from '../../bench/continuity/application.ts';
import type { ApplicationClient } from '../../bench/continuity/clients.ts';
import { IN_USE_CHANGED, LEAKED } from '../../bench/continuity/events.ts';
import { callsTable } from '../../bench/continuity/page.ts';
import {
  type ApplicationResult,
  brokenPromises,
  type RunSettings,
  resultOf,
  type StrategyRun,
} from '../../bench/continuity/results.ts';

const INSERTS = { confirmed: 2, lost: 0, duplicates: 0, unconfirmed: 0 };

describe('an application', () => {
  it('inserts each key once, queries, and confirms only what Milvus confirmed', async () => {
    const keys: number[] = [];
    let queries = 0;
    const milvus = {
      insert: ({ data: [{ key }] }: { data: [{ key: number }] }) => {
        keys.push(key);
        const code = key === 1 ? 'RateLimit' : 'Success';
        return Promise.resolve({ status: { error_code: code }, insert_cnt: key === 2 ? '0' : '1' });
      },
      query: () => {
        queries += 1;
        return queries === 1
          ? Promise.reject(Object.assign(new Error('refused'), { code: 16 }))
          : Promise.resolve({ status: { error_code: 'Success' } });
      },
    };
    const client: ApplicationClient = {
      call: (request) => request(milvus as never),
      replacements: [],
      hasReadSince: () => true,
      close: () => Promise.resolve(),
    };
    const application = new Application('never', client, 'rows', { workers: 3, callsPerSecond: 3000 });
    await vi.waitFor(() => expect(application.calls.length).toBeGreaterThan(20));
    await application.stop();

    expect(keys).toEqual(Array.from({ length: application.keys }, (_, key) => key));
    expect([...application.confirmed]).toEqual(keys.filter((key) => key !== 1 && key !== 2));
    expect(application.calls).toHaveLength(keys.length + queries);
    const failures = application.calls.flatMap(({ failure = [] }) => failure);
    expect(failures.toSorted()).toEqual(['0 rows inserted', '16', 'RateLimit']);
    expect(application.hasSettledSince(0)).toBe(true);
    expect(application.hasSettledSince(application.calls.at(-3)?.began ?? 0)).toBe(false);
  });
});

it('a result has the failed calls around each event, and compares repeated calls with others of their kind', () => {
  const call = (began: number, ended: number, more: Partial<Call> = {}): Call => ({
    kind: 'query',
    began,
    ended,
    ...more,
  });
  const calls = [
    call(1000, 1010, { kind: 'insert' }),
    call(1000, 1004),
    call(1100, 1104),
    call(2000, 2104),
    call(2001, 2050, { failure: '16' }),
    call(2040, 2090, { kind: 'insert' }),
    call(3100, 3104, { failure: '16' }),
  ];
  const events = [
    { name: 'rotation', beganAt: 2000 },
    { name: 'fault', beganAt: 3000 },
  ];
  const result = resultOf('rotating', { calls, replacements: [2060] }, INSERTS, {
    events,
    seconds: 2,
    keyDeletedAt: 3000,
  });
  expect(result).toMatchObject({ calls: 7, callsPerSecond: 3.5, failures: { '16': 2 }, failedBeforeDeletion: 1 });
  expect(result.around).toEqual({
    rotation: { failed: 1, repeated: { calls: 2, medianMs: 70, maxMs: 100 } },
    fault: { failed: 1 },
  });
});

describe('a promise is broken', () => {
  const application = (client: ApplicationResult['client'], failed = 0, around = 'rotation'): ApplicationResult => ({
    client,
    calls: 10,
    callsPerSecond: 200,
    failures: failed === 0 ? {} : { '16': failed },
    inserts: INSERTS,
    around: { [around]: { failed } },
  });
  const run = (strategy: StrategyRun['strategy'], ...applications: ApplicationResult[]): StrategyRun => ({
    strategy,
    seconds: 1,
    events: [],
    applications,
  });

  it('by no failed calls of the comparison clients with a single user', () => {
    const kept = run('single-user', application('rotating'), application('failure', 1), application('never', 5));
    expect(brokenPromises(kept)).toEqual([]);
    expect(brokenPromises(run('single-user', application('never')))).toHaveLength(1);
    expect(brokenPromises(run('single-user', application('failure')))).toHaveLength(1);
  });

  it.each([
    ['a failed call of the rotating client', run('single-user', application('rotating', 1))],
    ['the same with two users', run('alternating-users', application('rotating', 1, LEAKED))],
    ['a failed call of a reader with two users', run('alternating-users', application('interval', 1))],
    ['the same with a key', run('api-key', application('interval', 1))],
    ['a call with a valid key', run('api-key', { ...application('never', 1), failedBeforeDeletion: 1 })],
    ['no failed call with a deleted key', run('api-key', application('never'))],
    ['a lost row', run('single-user', { ...application('interval', 1), inserts: { ...INSERTS, lost: 1 } })],
    ['a duplicate row', run('single-user', { ...application('never', 1), inserts: { ...INSERTS, duplicates: 1 } })],
    ['an unconfirmed row', run('single-user', { ...application('rotating'), inserts: { ...INSERTS, unconfirmed: 1 } })],
  ])('by %s', (_, broken) => {
    expect(brokenPromises(broken)).toHaveLength(1);
  });

  it.each([IN_USE_CHANGED, LEAKED])('but not by a reader that fails around this: %s', (name) => {
    expect(brokenPromises(run('alternating-users', application('interval', 9, name)))).toEqual([]);
  });

  it('and the table shows it', () => {
    const runs = [run('single-user', application('rotating', 3, 'another fault'))];
    const table = callsTable({ rotations: 2, intervalMs: 2000 } as RunSettings, runs);
    expect(table.split('\n').at(-1)).toBe(
      '| single user | **zilliz-secret-client** | 200 | 10 | 0 | – | 3 | 2 | 0 | 0 | 0 |',
    );
  });
});
