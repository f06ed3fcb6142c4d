import { Duration } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { RotationSchedule } from '../../../infra/rotation/rotation-schedule.ts';
import { fewestHoursBetweenRotations, scheduleProblem } from '../../../infra/rules/schedule-rules.ts';

test.each([
  ['rate(4 hours)', '4h'],
  ['rate(1 day)', '24h'],
  ['rate(999 days)', undefined],
  ['cron(0 8 1 * ? *)', '16h'],
  ['cron(0 */8 * * ? *)', '8h'],
  ['cron(0 /8 * * ? *)', '8h'],
  ['cron(0 4/12 * * ? *)', '8h'],
  ['cron(0 4,8,12 * * ? *)', '4h'],
  ['cron(0 0 1-7,L JAN,APR,JUL,OCT ? *)', undefined],
  ['cron(0 0 ? 1-3 2#1 *)', undefined],
  ['cron(0 23 ? * MON-FRI *)', '1h'],
  ['cron(0 0,22 1 * ? *)', undefined],
  ['cron(0 0,22 ? * MON,WED,FRI *)', undefined],
])('the schedule %s with the window %s is accepted', (expression, window) => {
  expect(scheduleProblem(expression, window)).toBeUndefined();
});

test.each([
  ['rate(3 hours)', '4 hours to 999 days'],
  ['rate(1000 days)', '4 hours to 999 days'],
  ['rate(1.5 days)', 'rate(N hours), rate(N days)'],
  ['30 days', 'rate(N hours), rate(N days)'],
  ['cron(0 4 1 * ?)', 'six fields'],
  ['cron(30 4 1 * ? *)', 'must be 0'],
  ['cron(0 4 1 * ? 2030)', 'must be *'],
  ['cron(0 8 ? * ? *)', 'must be ?'],
  ['cron(0 8 1 * 1 *)', 'must be ?'],
  ['cron(0 24 1 * ? *)', '0 to 23'],
  ['cron(0 20-8 1 * ? *)', '0 to 23'],
  ['cron(0 */0 1 * ? *)', '0 to 23'],
  ['cron(0 / 1 * ? *)', '0 to 23'],
  ['cron(0 8, 1 * ? *)', '0 to 23'],
  ['cron(0 8,10 1 * ? *)', 'only 2 apart'],
  ['cron(0 1,23 * * ? *)', 'only 2 apart'],
  ['cron(0 0,22 ? * SUN-SAT *)', 'only 2 apart'],
])('the schedule %s is refused, and the message says: %s', (expression, allowed) => {
  expect(scheduleProblem(expression)).toEqual({ key: 'schedule', rule: expect.stringContaining(allowed) });
});

test.each([
  ['rate(4 hours)', '5h', 'the maximum is 4h'],
  ['rate(10 days)', '25h', '1h to 24h'],
  ['rate(10 days)', '90m', '1h to 24h'],
  ['cron(0 20 1 * ? *)', '5h', 'the maximum is 4h'],
  ['cron(0 */8 * * ? *)', '9h', 'the maximum is 8h'],
])('with the schedule %s, the window %s is refused, and the message says: %s', (expression, window, allowed) => {
  expect(scheduleProblem(expression, window)).toEqual({ key: 'duration', rule: expect.stringContaining(allowed) });
});

test.each([
  ['rate(4 hours)', undefined, 3],
  ['rate(4 hours)', '4h', 0],
  ['rate(1 day)', undefined, 0],
  ['rate(1 day)', '20h', 4],
  ['rate(30 days)', undefined, 696],
  ['cron(0 3 * * ? *)', undefined, 3],
  ['cron(0 3 * * ? *)', '1h', 23],
  ['cron(0 */8 * * ? *)', undefined, 7],
  ['cron(0 0 ? * SUN *)', undefined, 24],
  ['cron(0 23 ? * MON-FRI *)', undefined, 23],
])('with the schedule %s and the window %s, two rotations are at least %i hours apart', (expression, window, hours) => {
  expect(fewestHoursBetweenRotations(expression, window)).toBe(hours);
});

test('a construct has the schedule and the window in the syntax of AWS', () => {
  expect(RotationSchedule.rate(Duration.hours(24)).expression).toBe('rate(1 day)');
  expect(RotationSchedule.rate(Duration.hours(48)).expression).toBe('rate(2 days)');
  expect(RotationSchedule.rate(Duration.hours(6)).expression).toBe('rate(6 hours)');
  expect(RotationSchedule.cron('0 4 1 * ? *', { window: Duration.hours(3) })).toMatchObject({
    expression: 'cron(0 4 1 * ? *)',
    duration: '3h',
  });
  expect(() => RotationSchedule.rate(Duration.days(1), { window: Duration.minutes(90) })).toThrow('1.5h');
});
