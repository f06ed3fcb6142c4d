import { describe, expect, it, vi } from 'vitest';
import { Application, type Call } from '../../bench/continuity/application.ts';
import type { ApplicationClient } from '../../bench/continuity/clients.ts';
import { IN_USE_CHANGED, LEAKED } from '../../bench/continuity/events.ts';
import { brokenPromises } from '../../bench/continuity/judgement.ts';
import { callsTable } from '../../bench/continuity/page.ts';
import { type ApplicationResult, resultOf, type StrategyRun } from '../../bench/continuity/results.ts';
import { readResults } from '../../bench/documents.ts';

const results = readResults('continuity');
const INSERTS = { confirmed: 2, lost: 0, duplicates: 0, unconfirmed: 0 };

function clientThat(
  answer: (request: Parameters<ApplicationClient['call']>[0]) => Promise<unknown>,
): ApplicationClient {
  return {
    call: answer as ApplicationClient['call'],
    replacements: [],
    hasReadSince: () => true,
    close: () => Promise.resolve(),
  };
}

it('the last run kept every promise: 16 workers, at least 20 rotations, at least 200 calls a second', () => {
  expect(results.settings.workers).toBe(16);
  expect(results.runs.flatMap(brokenPromises)).toEqual([]);
  for (const { strategy, events, applications } of results.runs) {
    expect(events.filter(({ name }) => name === 'rotation').length).toBeGreaterThanOrEqual(20);
    const subject = strategy === 'single-user' ? 'rotating' : 'interval';
    const found = applications.find(({ client }) => client === subject);
    expect(found?.callsPerSecond).toBeGreaterThanOrEqual(200);
  }
});

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
    const client = clientThat((request) => request(milvus as never));
    const application = new Application(client, 'rows', { workers: 3, callsPerSecond: 3000 });
    await vi.waitFor(() => expect(application.callsSince(0)).toBeGreaterThan(20));
    await application.stop();

    expect(keys).toEqual(Array.from({ length: application.keys }, (_, key) => key));
    expect([...application.confirmed]).toEqual(keys.filter((key) => key !== 1 && key !== 2));
    expect(application.calls).toHaveLength(keys.length + queries);
    const failures = application.calls.flatMap(({ failure = [] }) => failure);
    expect(failures.toSorted()).toEqual(['0 rows inserted', '16', 'RateLimit']);
    const { calls } = application;
    expect(application.callsSince(calls.at(-1)?.began ?? 0)).toBe(0);
  });
});

describe('a result', () => {
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
    { name: 'rotation', beganMs: 1000, endedMs: 1100 },
    { name: 'fault', beganMs: 2000, endedMs: 2050 },
  ];
  const result = resultOf('rotating', { calls, replacements: [2060] }, INSERTS, {
    events,
    startedAt: 1000,
    seconds: 2.2,
  });

  it('has the failed calls around each event, by code', () => {
    expect(result).toMatchObject({ calls: 7, callsPerSecond: 3.2, failures: { '16': 2 }, medianMs: 4 });
    expect(result.around['fault']).toEqual({ failed: 1 });
  });

  it('compares the calls that got another credential with the other calls of their kind', () => {
    expect(result.around['rotation']).toEqual({
      failed: 1,
      repeated: { calls: 2, p50Ms: 40, p99Ms: 100, maxMs: 100 },
    });
  });

  it('has the failed calls and the longest call of each half second', () => {
    expect(result.timeline).toEqual({ failed: '0 0 1 0 1', longestMs: '10 0 104 0 4' });
  });
});

describe('a promise is broken', () => {
  const application = (client: ApplicationResult['client'], failed = 0, around = 'rotation'): ApplicationResult => ({
    client,
    calls: 10,
    callsPerSecond: 200,
    failures: failed === 0 ? {} : { '16': failed },
    inserts: INSERTS,
    medianMs: 4,
    around: { [around]: { failed } },
    timeline: { failed: '0', longestMs: '4' },
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
    const table = callsTable({ settings: results.settings, runs });
    expect(table.split('\n').at(-1)).toBe(
      '| single user | **zilliz-secret-client** | 200 | 10 | 0 | 3 | 30 | 2 | 0 | 0 | 0 |',
    );
  });
});
