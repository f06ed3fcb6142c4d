import type { RotationRulesType } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RotationView } from '../../local/cloud/emulator-control.ts';
import { localAws, refusal } from './support/local-aws.ts';

const aws = localAws({ retries: 0 });
const hour = 3600;
const day = 24 * hour;

// The tests of this file share a clock. Each test starts shortly after noon of the next day.
async function now(): Promise<number> {
  return ((await aws.control('POST', 'clock', { advance_seconds: 0 })) as { now: number }).now;
}

async function advance(seconds: number): Promise<readonly string[]> {
  return ((await aws.control('POST', 'clock', { advance_seconds: seconds })) as { started: string[] }).started;
}

/** Advances the clock to the next time of day, given in seconds since midnight. */
async function advanceToTime(secondsOfDay: number): Promise<void> {
  const moment = await now();
  await advance((((secondsOfDay - (moment % day)) % day) + day) % day);
}

const midnightOf = (moment: number) => Math.floor(moment / day) * day;
const seconds = (date: Date | undefined) => (date?.getTime() ?? Number.NaN) / 1000;

/** A secret with a schedule. Only testSecret has run. */
async function scheduled(RotationRules: RotationRulesType, behaviour = {}) {
  const [secretId, rotation] = await Promise.all([aws.secret(), aws.rotationFunction(behaviour)]);
  await aws.rotateToEnd(secretId, { RotationLambdaARN: rotation.arn, RotationRules, RotateImmediately: false });
  return { secretId, rotation };
}

const count = (state: RotationView, name: string) => state.history.filter((entry) => entry.event === name).length;

beforeEach(() => advanceToTime(12 * hour + 60));

describe('NextRotationDate', { timeout: 30_000 }, () => {
  test.each<[string, RotationRulesType, number]>([
    ['the UTC day of a rate in days', { ScheduleExpression: 'rate(10 days)' }, 11 * day],
    ['that day also with AutomaticallyAfterDays', { AutomaticallyAfterDays: 10 }, 11 * day],
    ['an hour for a rate in hours', { ScheduleExpression: 'rate(6 hours)' }, 19 * hour],
    ['the Duration of a cron expression', { ScheduleExpression: 'cron(0 15 * * ? *)', Duration: '3h' }, 18 * hour],
    ['an hour for a cron expression with several hours', { ScheduleExpression: 'cron(0 2/11 * * ? *)' }, 14 * hour],
  ])('is the last second of the window, which ends with %s', async (_, rules, end) => {
    const { secretId } = await scheduled(rules);
    expect(seconds((await aws.describe(secretId)).NextRotationDate)).toBe(midnightOf(await now()) + end - 1);
  });
});

describe('a window', { timeout: 30_000 }, () => {
  test('starts a rotation when the window opens, and not earlier', async () => {
    const { secretId, rotation } = await scheduled({ ScheduleExpression: 'cron(0 15 * * ? *)', Duration: '2h' });
    const opens = midnightOf(await now()) + 15 * hour;
    expect(await advance(opens - 10 - (await now()))).not.toContain(secretId);
    expect(rotation.notes().map((note) => note.Step)).toEqual(['testSecret']);
    expect(await advance(10)).toContain(secretId);
    await aws.until(secretId, 'idle');
    expect(rotation.notes()).toHaveLength(5);
    const described = await aws.describe(secretId);
    expect(seconds(described.LastRotatedDate)).toBeGreaterThanOrEqual(opens);
    expect(seconds(described.NextRotationDate)).toBe(opens + day + 2 * hour - 1);
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(rotation.notes().at(-1)?.ClientRequestToken);
  });

  test('starts one rotation if the clock is advanced over several windows', async () => {
    const { secretId } = await scheduled({ ScheduleExpression: 'rate(4 hours)' });
    await advance(3 * day);
    expect(count(await aws.until(secretId, 'idle'), 'RotationSucceeded')).toBe(1);
  });

  test.each<[string, (secretId: string) => Promise<unknown>]>([
    ['rotation that a person started', (secretId) => aws.rotateToEnd(secretId)],
    ['value that a person wrote', (SecretId) => aws.secrets.putSecretValue({ SecretId, SecretString: 'by hand' })],
  ])('is planned from the last %s', async (_, change) => {
    const { secretId } = await scheduled({ ScheduleExpression: 'rate(2 days)' });
    await advance(day);
    await change(secretId);
    expect(seconds((await aws.describe(secretId)).NextRotationDate)).toBe(midnightOf(await now()) + 3 * day - 1);
  });

  test('repeats a failed rotation with its token, and until then NextRotationDate stays in the past', async () => {
    const { secretId, rotation } = await scheduled(
      { ScheduleExpression: 'rate(1 day)' },
      { failStep: 'setSecret', failTimes: 1 },
    );
    const { NextRotationDate } = await aws.describe(secretId);
    await advance(day);
    await aws.until(secretId, 'idle');
    expect(await advance(1)).not.toContain(secretId);
    expect(count(await aws.until(secretId, 'idle'), 'RotationStarted')).toBe(1);
    expect((await aws.describe(secretId)).NextRotationDate).toEqual(NextRotationDate);
    await advance(day);
    expect(count(await aws.until(secretId, 'idle'), 'RotationSucceeded')).toBe(1);
    const created = rotation.notes().filter((note) => note.Step === 'createSecret');
    expect(created).toHaveLength(2);
    expect(created[0]?.ClientRequestToken).toBe(created[1]?.ClientRequestToken);
    expect(seconds((await aws.describe(secretId)).NextRotationDate)).toBeGreaterThan(await now());
  });

  test('that opens during a rotation starts no second rotation', async () => {
    const { secretId } = await scheduled({ ScheduleExpression: 'rate(1 day)' });
    await aws.holdBefore('setSecret', secretId);
    expect(await advance(day)).not.toContain(secretId);
    expect(count(await aws.release(secretId), 'RotationStarted')).toBe(1);
  });
});

describe('RotationRules', { timeout: 30_000 }, () => {
  const refused: readonly (readonly [string, RotationRulesType])[] = [
    ['a rate under four hours', { ScheduleExpression: 'rate(3 hours)' }],
    ['a rate over 999 days', { ScheduleExpression: 'rate(1000 days)' }],
    ['days over 1000', { AutomaticallyAfterDays: 1001 }],
    ['a cron expression with minutes', { ScheduleExpression: 'cron(30 8 * * ? *)' }],
    ['a cron expression with a year', { ScheduleExpression: 'cron(0 8 * * ? 2030)' }],
    ['a Duration in minutes', { ScheduleExpression: 'rate(1 day)', Duration: '90m' }],
  ];

  test.for(refused)('refuse %s and leave the secret unconfigured', async ([, RotationRules]) => {
    const [secretId, rotation] = await Promise.all([aws.secret(), aws.rotationFunction()]);
    const answer = await refusal(aws.rotate(secretId, { RotationLambdaARN: rotation.arn, RotationRules }));
    expect(answer).toMatch(/^InvalidParameterException/);
    expect((await aws.describe(secretId)).RotationEnabled).toBeUndefined();
  });
});
