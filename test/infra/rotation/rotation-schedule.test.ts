import { Duration } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { RotationSchedule } from '../../../infra/rotation/rotation-schedule.ts';
import { checkSchedule, fewestHoursBetweenRotations } from '../../../infra/rules/schedule-rules.ts';

describe('a schedule that Secrets Manager takes', () => {
  test.each([
    ['rate(4 hours)', undefined],
    ['rate(4 hours)', '4h'],
    ['rate(1 day)', '24h'],
    ['rate(999 days)', undefined],
    ['rate(23976 hours)', undefined],
    ['cron(0 8 1 * ? *)', undefined],
    ['cron(0 8 1 * ? *)', '16h'],
    ['cron(0 */8 * * ? *)', '8h'],
    ['cron(0 4/12 * * ? *)', '8h'],
    ['cron(0 4,8,12 * * ? *)', '4h'],
    ['cron(0 0 L * ? *)', undefined],
    ['cron(0 0 1-7,L JAN,APR,JUL,OCT ? *)', undefined],
    ['cron(0 0 ? 1-3 2#1 *)', undefined],
    ['cron(0 0 ? * 6L *)', undefined],
    ['cron(0 23 ? * MON-FRI *)', '1h'],
    ['cron(0 0,22 1 * ? *)', undefined],
    ['cron(0 0,22 ? * MON,WED,FRI *)', undefined],
    ['cron(0 0,22 ? * MON#1 *)', undefined],
    ['cron(0 0,22 1,31 4,6,9,11 ? *)', undefined],
    ['cron(0 4,20 * * ? *)', '4h'],
  ])('%s with window %s is accepted', (expression, duration) => {
    expect(checkSchedule(expression, duration)).toEqual({ kind: 'valid' });
  });
});

describe('a schedule that Secrets Manager refuses', () => {
  test.each([
    ['rate(3 hours)', 'from 4 hours to 999 days'],
    ['rate(0 days)', 'from 4 hours to 999 days'],
    ['rate(1000 days)', 'from 4 hours to 999 days'],
    ['rate(30 minutes)', 'rate(N hours), rate(N days)'],
    ['rate(1.5 days)', 'rate(N hours), rate(N days)'],
    ['30 days', 'rate(N hours), rate(N days)'],
    ['cron(0 x 1 * ? *)', 'hours) takes 0 to 23'],
    ['cron(0 8 ? * MON#6 *)', 'day of week) takes 1 to 7'],
    ['cron(0 8 ? * ? *)', 'must be ?.'],
    ['cron(0 8,10 1 * ? *)', 'Two of these hours are only 2 apart'],
    ['cron(0 1,23 * * ? *)', 'Two of these hours are only 2 apart'],
    ['cron(0 0,22 ? * SUN-SAT *)', 'Two of these hours are only 2 apart'],
    ['cron(0 0,22 1/1 * ? *)', 'Two of these hours are only 2 apart'],
    ['cron(0 1,22 ? * MON,TUE *)', 'Two of these hours are only 3 apart'],
    ['cron(0 1,22 ? * SAT,SUN *)', 'Two of these hours are only 3 apart'],
    ['cron(0 1,22 ? * MON#1,TUE *)', 'Two of these hours are only 3 apart'],
    ['cron(0 1,22 ? * 1,L *)', 'Two of these hours are only 3 apart'],
    ['cron(0 1,22 1,31 * ? *)', 'Two of these hours are only 3 apart'],
    ['cron(0 1,22 1,L * ? *)', 'Two of these hours are only 3 apart'],
    ['cron(0 1,22 28,L 2 ? *)', 'Two of these hours are only 3 apart'],
    ['cron(0 1,22 1,29 2,3 ? *)', 'Two of these hours are only 3 apart'],
    ['cron(0 4 29 2 ? *)', 'select no day in at least one year'],
    ['cron(0 4 30 2 ? *)', 'select no day in at least one year'],
    ['cron(0 4 31 APR,JUN ? *)', 'select no day in at least one year'],
    ['cron(0 20-8 1 * ? *)', 'hours) takes 0 to 23'],
    ['cron(0 */0 1 * ? *)', 'hours) takes 0 to 23'],
  ])('%s is refused: %s', (expression, rule) => {
    expect(checkSchedule(expression)).toEqual({
      kind: 'invalid',
      field: 'schedule',
      rule: expect.stringContaining(rule),
    });
  });
});

describe('a window that Secrets Manager refuses', () => {
  test.each([
    ['rate(4 hours)', '5h', 'the maximum is 4h'],
    ['rate(10 days)', '25h', 'whole hours'],
    ['cron(0 20 1 * ? *)', '5h', 'the maximum is 4h'],
    ['cron(0 */8 * * ? *)', '9h', 'the maximum is 8h'],
    ['rate(10 days)', '0h', 'whole hours'],
    ['rate(10 days)', '90m', 'whole hours'],
  ])('%s with %s is refused: %s', (expression, duration, rule) => {
    expect(checkSchedule(expression, duration)).toEqual({
      kind: 'invalid',
      field: 'duration',
      rule: expect.stringContaining(rule),
    });
  });
});

describe('the fewest hours between two rotations', () => {
  test.each([
    ['rate(4 hours)', undefined, 3],
    ['rate(4 hours)', '4h', 0],
    ['rate(36 hours)', undefined, 35],
    ['rate(1 day)', undefined, 0],
    ['rate(1 day)', '20h', 4],
    ['rate(30 days)', undefined, 696],
    ['cron(0 0 * * ? *)', undefined, 0],
    ['cron(0 3 * * ? *)', undefined, 3],
    ['cron(0 3 * * ? *)', '1h', 23],
    ['cron(0 */8 * * ? *)', undefined, 7],
    ['cron(0 4,20 * * ? *)', '4h', 4],
    ['cron(0 0 ? * SUN *)', undefined, 24],
    ['cron(0 0,22 ? * MON,WED,FRI *)', '1h', 21],
    ['cron(0 23 ? * MON-FRI *)', undefined, 23],
  ])('of %s with window %s', (expression, duration, hours) => {
    expect(checkSchedule(expression, duration)).toEqual({ kind: 'valid' });
    expect(fewestHoursBetweenRotations(expression, duration)).toBe(hours);
  });
});

test('a rate is written in days where it can be', () => {
  expect(RotationSchedule.rate(Duration.hours(24)).expression).toBe('rate(1 day)');
  expect(RotationSchedule.rate(Duration.hours(48)).expression).toBe('rate(2 days)');
  expect(RotationSchedule.rate(Duration.hours(6)).expression).toBe('rate(6 hours)');
});

test('a window is written in hours', () => {
  expect(RotationSchedule.cron('0 4 1 * ? *', { window: Duration.hours(3) })).toMatchObject({
    expression: 'cron(0 4 1 * ? *)',
    duration: '3h',
  });
});

test('a mistake names the schedule and the rule', () => {
  expect(() => RotationSchedule.rate(Duration.hours(2))).toThrow(
    'The schedule rate(2 hours) is invalid. Write an interval from 4 hours to 999 days.',
  );
  expect(() => RotationSchedule.rate(Duration.minutes(270))).toThrow('The schedule rate(4.5 hours) is invalid.');
  expect(() => RotationSchedule.rate(Duration.days(1), { window: Duration.minutes(90) })).toThrow(
    'The window of 1.5h with rate(1 day) is invalid. Write whole hours from 1h to 24h.',
  );
});
