import { describe, expect, it } from 'vitest';
import type { RotatingSecret } from '../../../../cli/aws/aws.ts';
import type { PastRotation } from '../../../../cli/past/past-rotation.ts';
import type { Parameters } from '../../../../cli/report/audit/audit-report.ts';
import { createAudit } from '../../../../cli/report/audit/create-audit.ts';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-04-01T00:00:00Z');
const PERIOD = { since: NOW - 90 * DAY_MS, until: NOW };

const HEALTHY: RotatingSecret = {
  arn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-AbCdEf',
  name: 'orders',
  rotationEnabled: true,
  lastRotatedAt: NOW - 10 * DAY_MS,
  versions: [{ versionId: 'v1', labels: ['AWSCURRENT'] }],
  tags: { team: 'search' },
  rotationFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:zilliz-rotation',
  schedule: 'rate(30 days)',
  window: undefined,
  kmsKeyId: undefined,
  nextRotationAt: NOW + 20 * DAY_MS,
  lastAccessedAt: NOW - DAY_MS,
  createdAt: NOW - 300 * DAY_MS,
  lastChangedAt: undefined,
  deletedAt: undefined,
};

const PARAMETERS: Parameters = {
  ownerTags: ['owner', 'team'],
  maxRotationFrequency: undefined,
  unusedForDays: 90,
  maxDaysSinceRotation: 90,
  requiredTags: undefined,
};

function rotation(outcome: 'succeeded' | 'failed', daysAgo: number): PastRotation {
  const at = NOW - daysAgo * DAY_MS;
  return {
    kind: 'rotation',
    versionId: `v-${daysAgo}`,
    startedAt: { value: at, source: 'log' },
    endedAt: { value: at, source: 'log' },
    outcome: { value: outcome, source: 'log' },
    failures: [],
  };
}

interface Situation {
  readonly secret?: Partial<RotatingSecret>;
  readonly parameters?: Partial<Parameters>;
  readonly rotations?: readonly PastRotation[];
}

function auditOf({ secret, parameters, rotations = [] }: Situation) {
  return createAudit({
    version: '1.2.3',
    generatedAt: NOW,
    period: PERIOD,
    parameters: { ...PARAMETERS, ...parameters },
    secrets: [{ ...HEALTHY, ...secret }],
    past: { rotations: new Map([[HEALTHY.arn, rotations]]), notes: [], read: new Set(['log']) },
    unreadable: [],
  });
}

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

describe('the parameter of PCI DSS 8.3.9', () => {
  it.each([
    [60, '60 days'],
    [90, '90 days'],
    [180, '90 days, because the requirement allows no more. maxDaysSinceRotation: 180'],
  ])('is at most 90 days: %i', (maxDaysSinceRotation, parameter) => {
    const { controls } = auditOf({ parameters: { maxDaysSinceRotation } });

    expect(controls.find(({ id }) => id === 'PCI DSS 8.3.9')?.parameter).toBe(parameter);
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
