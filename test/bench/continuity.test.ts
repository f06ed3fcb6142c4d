import { describe, expect, it } from 'vitest';
import { IN_USE_CHANGED, LEAKED } from '../../bench/continuity/events.ts';
import { type ApplicationResult, brokenPromises, resultOf, type StrategyRun } from '../../bench/continuity/results.ts';

// test/e2e/continuity.test.ts runs the applications.

const INSERTS = { confirmed: 2, lost: 0, duplicates: 0, unconfirmed: 0 };

it('counts a repeated call, also if every call of its kind was repeated', () => {
  const call = { kind: 'query', began: 1, ended: 3 } as const;
  const run = { events: [{ name: 'rotation', beganAt: 0 }], seconds: 1 };
  const { around } = resultOf('rotating', { calls: [call], replacements: [2] }, INSERTS, run);
  expect(around).toEqual({ rotation: { failed: 0, repeated: { calls: 1, medianMs: 0, maxMs: 0 } } });
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
});
