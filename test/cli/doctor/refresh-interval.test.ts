import { expect, it } from 'vitest';
import { SECRET, startWorld, type Users } from '../support/secret-fixture.ts';

/** `undefined`: doctor made no such check. */
async function refreshCheck(users: Users, minimumGap: number | undefined, options: readonly string[]) {
  const { aws, runJson } = await startWorld(users);
  if (minimumGap === undefined) {
    aws.failing.set('GetFunctionConfiguration', 'access-denied');
  }
  aws.environment['MINIMUM_GAP_MINUTES'] = String(minimumGap);
  const { document } = await runJson('doctor', SECRET, ...options);
  return document.checks.find(({ check }: { check: string }) => check === 'refresh-interval');
}

type Row = [users: Users, minimumGap: number | undefined, interval: string, status: string, fix: string | null];

it.each<Row>([
  ['one', 120, '1h', 'warning', 'docs/applications.md#choose'],
  ...(['two', 'key'] as const).flatMap((users): Row[] => [
    [users, 120, '1h59m59s', 'pass', null],
    [users, 120, '2h', 'warning', 'Set minimumGapMinutes to 121 or more'],
    [users, 121, '2h', 'pass', null],
    [users, 120, '3h30s', 'warning', 'Set minimumGapMinutes to 181 or more'],
    [users, 181, '3h30s', 'pass', null],
    [users, undefined, '1h', 'unknown', null],
  ]),
])(
  'with a secret of "%s" and a minimum gap of %s minutes, doctor --refresh-interval %s is a %s',
  async (users, minimumGap, interval, status, fix) => {
    expect(await refreshCheck(users, minimumGap, ['--refresh-interval', interval])).toMatchObject({
      status,
      fix: fix === null ? null : expect.stringContaining(fix),
    });
  },
);

it('doctor says for how long a reader of a single user fails, and checks nothing without the option', async () => {
  expect((await refreshCheck('one', 120, ['--refresh-interval', '1h'])).reason).toContain('up to 1 h');
  expect(await refreshCheck('two', 120, [])).toBeUndefined();
});
