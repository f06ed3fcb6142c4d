import { expect, it } from 'vitest';
import { createFunctionFixture, SECRET } from '../support/alternating-fixture.ts';
import type { Fixture } from '../support/command-fixture.ts';
import { createKeyFixture } from '../support/key-fixture.ts';

const FIXTURES: Readonly<Record<string, () => Promise<{ readonly fixture: Fixture }>>> = {
  'one user': () => createFunctionFixture('one'),
  'two users': () => createFunctionFixture('two'),
  'an API key': async () => createKeyFixture(),
};

/** `undefined`: doctor made no such check. */
async function refreshCheck(users: string, minimumGap: number | undefined, options: readonly string[]) {
  const { fixture } = (await FIXTURES[users]?.()) ?? (await createFunctionFixture('one'));
  if (minimumGap === undefined) {
    fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied');
  }
  fixture.aws.environment['MINIMUM_GAP_MINUTES'] = String(minimumGap);
  const { document } = await fixture.runJson('doctor', SECRET, ...options);
  return document.checks.find(({ check }: { check: string }) => check === 'refresh-interval');
}

type Row = [users: string, minimumGap: number | undefined, interval: string, status: string, fix: string | null];

it.each<Row>([
  ['one user', 120, '1h', 'warning', 'docs/applications.md#choose'],
  ...['two users', 'an API key'].flatMap((users): Row[] => [
    [users, 120, '1h59m59s', 'pass', null],
    [users, 120, '2h', 'warning', 'Set minimumGapMinutes to 121 or more'],
    [users, 121, '2h', 'pass', null],
    [users, 120, '3h30s', 'warning', 'Set minimumGapMinutes to 181 or more'],
    [users, 181, '3h30s', 'pass', null],
    [users, undefined, '1h', 'unknown', null],
  ]),
])(
  'with %s and a minimum gap of %s minutes, doctor --refresh-interval %s is a %s',
  async (users, minimumGap, interval, status, fix) => {
    expect(await refreshCheck(users, minimumGap, ['--refresh-interval', interval])).toMatchObject({
      status,
      fix: fix === null ? null : expect.stringContaining(fix),
    });
  },
);

it('doctor says for how long a reader of a single user fails, and checks nothing without the option', async () => {
  expect((await refreshCheck('one user', 120, ['--refresh-interval', '1h'])).reason).toContain('up to 1 h');
  expect(await refreshCheck('two users', 120, [])).toBeUndefined();
});
