import { describe, expect, it } from 'vitest';
import type { PastRotation } from '../../../cli/history/json-schema.ts';
import { auditOf, DAY_MS, NOW, rotation, type Situation } from '../support/audit-of.ts';

it('a healthy secret has no exception', () => {
  const [secret] = auditOf({ rotations: [rotation('succeeded', 40), rotation('succeeded', 10)] }).secrets;

  expect(secret).toMatchObject({ exceptions: [], ageMs: 10 * DAY_MS, allowedAgeMs: 30 * DAY_MS });
});

const off = { rotationEnabled: false, lastRotatedAt: undefined, nextRotationAt: undefined };
const overdue = { lastRotatedAt: NOW - 33 * DAY_MS, nextRotationAt: NOW - 3 * DAY_MS };

describe('an exception', () => {
  it.each<[codes: string[], situation: Situation]>([
    [['rotation-off', 'never-rotated'], { secret: off }],
    [
      ['rotation-off-on-purpose', 'never-rotated'],
      { secret: { ...off, tags: { 'zilliz:rotation': 'off', team: 'search' } } },
    ],
    [['overdue'], { secret: overdue }],
    [['failed'], { rotations: [rotation('failed', 1)] }],
    [['marked-for-deletion'], { secret: { deletedAt: NOW } }],
    [['no-owner'], { secret: { tags: { stage: 'prod' } } }],
    [
      ['rotation-incomplete'],
      {
        secret: {
          versions: [
            { versionId: 'v1', labels: ['AWSCURRENT'] },
            { versionId: 'v2', labels: ['AWSPENDING'] },
          ],
        },
      },
    ],
  ])('%j is reported with its reason', (codes, situation) => {
    const exceptions = auditOf(situation).secrets[0]?.exceptions ?? [];

    expect(exceptions.map(({ code }) => code)).toEqual(codes);
    expect(exceptions.every(({ reason }) => /^[A-Z].*\.$/.test(reason))).toBe(true);
  });
});

describe('a failed rotation of the period', () => {
  const HOUR = 1 / 24;
  const failed = (daysAgo: number, code = 'CLUSTER_UNREACHABLE'): PastRotation => ({
    ...rotation('failed', daysAgo),
    failures: [
      { at: new Date(NOW - daysAgo * DAY_MS), step: 'setSecret', code, message: 'The cluster gave no answer.' },
    ],
  });
  const running = (daysAgo: number): PastRotation => ({ ...failed(daysAgo), outcome: null, endedAt: null });
  const late = { ...failed(50), outcome: 'succeeded', endedAt: rotation('failed', 48).endedAt } as const;

  /** The codes and ages in days of the rotations that the report lists as failed. */
  function failuresIn(rotations: PastRotation[], secret: Situation['secret'] = {}) {
    const exceptions = auditOf({ rotations, secret }).secrets[0]?.exceptions ?? [];
    return exceptions
      .filter(({ code }) => code === 'failed')
      .map(({ failureCode, at }) => [failureCode, (NOW - Number(at)) / DAY_MS]);
  }

  it.each<[string, ages: number[], rotations: PastRotation[], secret?: Situation['secret']]>([
    ['a success within a day', [], [failed(40), rotation('succeeded', 39)]],
    ['a success after more than a day', [40], [failed(40), rotation('succeeded', 39 - HOUR)]],
    ['a success within the rotation window', [], [failed(40), rotation('succeeded', 40 - 3 * HOUR)], { window: '3h' }],
    ['a success after the window', [40], [failed(40), rotation('succeeded', 40 - 4 * HOUR)], { window: '3h' }],
    ['a success before it only', [5], [rotation('succeeded', 10), failed(5)]],
    [
      'two more failures, then a success',
      [40, 39, 38],
      [failed(40), failed(39), failed(38), rotation('succeeded', 30)],
    ],
    ['its own success after two days', [50], [late]],
    ['a success that only AWS dates', [], [failed(10.5)]],
    ['a retry that still runs, within a day', [], [running(0.5)]],
    ['a retry that still runs, after more than a day', [2], [running(2)]],
    ['nothing, because it was a test of a schedule', [], [{ ...failed(5), kind: 'test' }]],
  ])('followed by %s is listed: %j days ago', (_, ages, rotations, secret) => {
    expect(failuresIn(rotations, secret)).toEqual(ages.map((age) => ['CLUSTER_UNREACHABLE', age]));
  });

  it('without a code in the log is listed too', () => {
    expect(failuresIn([rotation('abandoned', 5)])).toEqual([[null, 5]]);
  });
});
