import { describe, expect, it } from 'vitest';
import type { PastRotation } from '../../../cli/history/past-rotation.ts';
import { secretsCsv } from '../../../cli/report/csv.ts';
import { reportJson } from '../../../cli/report/json.ts';
import { reportPage } from '../../../cli/report/page.ts';
import { auditOf, DAY_MS, NOW, rotation, type Situation } from '../support/audit-of.ts';

function resultOf(id: string, situation: Situation) {
  const { controls, secrets } = auditOf(situation);
  return secrets[0]?.controls[controls.findIndex((control) => control.id === id)];
}

describe('a healthy secret', () => {
  it('passes every control and has no exception', () => {
    const [secret] = auditOf({ rotations: [rotation('succeeded', 40), rotation('succeeded', 10)] }).secrets;

    expect(secret?.controls.map(({ result }) => result)).toEqual(Array.from({ length: 7 }, () => 'passed'));
    expect(secret?.exceptions).toEqual([]);
  });
});

const off = { rotationEnabled: false, lastRotatedAt: undefined, nextRotationAt: undefined };
const cron = { schedule: 'cron(0 3 1 * ? *)' };
const overdue = { lastRotatedAt: NOW - 33 * DAY_MS, nextRotationAt: NOW - 3 * DAY_MS };

describe('a control', () => {
  it.each<[id: string, text: string, result: string, situation: Situation]>([
    ['SecretsManager.1', 'rotation is off', 'failed', { secret: off }],
    ['SecretsManager.1', 'the schedule is slower than allowed', 'failed', { parameters: { maxRotationFrequency: 29 } }],
    ['SecretsManager.1', 'the schedule is as fast as required', 'passed', { parameters: { maxRotationFrequency: 30 } }],
    [
      'SecretsManager.1',
      'a schedule in hours is fast enough',
      'passed',
      { secret: { schedule: 'rate(12 hours)' }, parameters: { maxRotationFrequency: 1 } },
    ],
    [
      'SecretsManager.1',
      'a cron schedule leaves more days to the next rotation than allowed',
      'failed',
      { secret: cron, parameters: { maxRotationFrequency: 29 } },
    ],
    [
      'SecretsManager.1',
      'a cron schedule has no next date',
      'not-evaluated',
      { secret: { ...cron, nextRotationAt: undefined }, parameters: { maxRotationFrequency: 29 } },
    ],
    ['SecretsManager.2', 'rotation is off', 'not-evaluated', { secret: off }],
    ['SecretsManager.2', 'a rotation is overdue', 'failed', { secret: overdue }],
    ['SecretsManager.2', 'the last rotation failed', 'failed', { rotations: [rotation('failed', 1)] }],
    [
      'SecretsManager.2',
      'a rotation failed and a later one succeeded',
      'passed',
      { rotations: [rotation('failed', 11), rotation('succeeded', 10)] },
    ],
    ['SecretsManager.3', 'nobody reads the secret', 'failed', { secret: { lastAccessedAt: NOW - 91 * DAY_MS } }],
    ['SecretsManager.3', 'nobody ever read the secret', 'failed', { secret: { lastAccessedAt: undefined } }],
    ['SecretsManager.3', 'the limit is reached exactly', 'passed', { secret: { lastAccessedAt: NOW - 90 * DAY_MS } }],
    [
      'SecretsManager.3',
      'AWS gives no date',
      'not-evaluated',
      { secret: { lastAccessedAt: undefined, createdAt: undefined } },
    ],
    ['SecretsManager.4', 'the password is old', 'failed', { secret: { lastRotatedAt: NOW - 91 * DAY_MS } }],
    ['SecretsManager.4', 'an option lowers the limit', 'failed', { parameters: { maxDaysSinceRotation: 9 } }],
    ['SecretsManager.4', 'the secret is old and never rotated', 'failed', { secret: { lastRotatedAt: undefined } }],
    ['SecretsManager.5', 'the secret has no tag', 'failed', { secret: { tags: {} } }],
    ['SecretsManager.5', 'only AWS set tags', 'failed', { secret: { tags: { 'aws:cloudformation:stack-id': 'x' } } }],
    ['SecretsManager.5', 'a required tag is absent', 'failed', { parameters: { requiredTags: ['team', 'owner'] } }],
    ['SecretsManager.5', 'the required tag exists', 'passed', { parameters: { requiredTags: ['team'] } }],
    [
      'PCI DSS 8.3.9',
      'two rotations of the period are too far apart',
      'failed',
      { parameters: { maxDaysSinceRotation: 60 }, rotations: [rotation('succeeded', 80), rotation('succeeded', 10)] },
    ],
    [
      'PCI DSS 8.3.9',
      'a failure lies between two rotations',
      'failed',
      {
        parameters: { maxDaysSinceRotation: 60 },
        rotations: [rotation('succeeded', 80), rotation('failed', 40), rotation('succeeded', 10)],
      },
    ],
    [
      'PCI DSS 8.3.9',
      'the secret is younger than the limit',
      'passed',
      {
        secret: { createdAt: NOW - 20 * DAY_MS },
        parameters: { maxDaysSinceRotation: 60 },
        rotations: [rotation('succeeded', 10)],
      },
    ],
    [
      'PCI DSS 8.3.9',
      'an option allows more than 90 days',
      'failed',
      { secret: { lastRotatedAt: NOW - 91 * DAY_MS }, parameters: { maxDaysSinceRotation: 180 } },
    ],
    ['PCI DSS 8.6.3', 'rotation is off', 'failed', { secret: off }],
    ['PCI DSS 8.6.3', 'a rotation is overdue', 'failed', { secret: overdue }],
  ])('%s: if %s, the result is %3$s', (id, _text, result, situation) => {
    expect(resultOf(id, situation)?.result).toBe(result);
    expect(resultOf(id, situation)?.reason === '').toBe(result === 'passed');
  });
});

describe('an exception', () => {
  it('says that rotation is off on purpose, and the controls still fail', () => {
    const situation = { secret: { ...off, tags: { 'zilliz:rotation': 'off', team: 'search' } } };

    expect(auditOf(situation).secrets[0]?.exceptions[0]).toEqual({
      code: 'rotation-off',
      reason: 'Rotation is off on purpose: the secret has the tag zilliz:rotation=off.',
    });
    expect(resultOf('SecretsManager.1', situation)?.result).toBe('failed');
  });

  it.each<[codes: string[], situation: Situation]>([
    [['rotation-off', 'never-rotated'], { secret: off }],
    [['overdue'], { secret: overdue }],
    [['failed'], { rotations: [rotation('failed', 1)] }],
    [['marked-for-deletion'], { secret: { deletedAt: NOW } }],
    [['no-owner'], { secret: { tags: { stage: 'prod' } } }],
    [
      ['incomplete'],
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
    failures: [{ at: NOW - daysAgo * DAY_MS, step: 'setSecret', code, message: 'The cluster gave no answer.' }],
  });
  const running = (daysAgo: number): PastRotation => ({ ...failed(daysAgo), outcome: undefined, endedAt: undefined });
  const late = {
    ...failed(50),
    outcome: { value: 'succeeded', source: 'log' },
    endedAt: rotation('failed', 48).endedAt,
  };

  /** The codes and ages in days of the rotations that the report lists as failed. */
  function failuresIn(rotations: readonly PastRotation[], secret: Situation['secret'] = {}) {
    const exceptions = auditOf({ rotations, secret }).secrets[0]?.exceptions ?? [];
    return exceptions
      .filter(({ code }) => code === 'failed')
      .map(({ failureCode, at = NOW }) => [failureCode, (NOW - at) / DAY_MS]);
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
    ['its own success after two days', [50], [late as PastRotation]],
    ['a success that only AWS dates', [], [failed(10.5)]],
    ['a retry that still runs, within a day', [], [running(0.5)]],
    ['a retry that still runs, after more than a day', [2], [running(2)]],
    ['nothing, because it was a test of a schedule', [], [{ ...failed(5), kind: 'test' }]],
  ])('followed by %s is listed: %j days ago', (_, ages, rotations, secret) => {
    expect(failuresIn(rotations, secret)).toEqual(ages.map((age) => ['CLUSTER_UNREACHABLE', age]));
  });

  it('without a code in the log is listed too', () => {
    expect(failuresIn([rotation('abandoned', 5)])).toEqual([[undefined, 5]]);
  });

  it('has its code and its time in the JSON, the CSV and on the page', () => {
    const audit = auditOf({ rotations: [failed(40)] });
    const reason = expect.stringContaining('2026-02-20 00:00 UTC failed: CLUSTER_UNREACHABLE in setSecret.');

    expect(reportJson(audit, 0)).toMatchObject({
      secrets: [
        {
          exceptions: [{ code: 'failed', failureCode: 'CLUSTER_UNREACHABLE', at: '2026-02-20T00:00:00.000Z', reason }],
        },
      ],
    });
    expect(secretsCsv(audit)).toEqual(reason);
    expect(reportPage(audit)).toEqual(reason);
  });
});
