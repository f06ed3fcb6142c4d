import { describe, expect, it } from 'vitest';
import { createFunctionFixture, type FunctionFixture, SECRET } from '../support/alternating-fixture.ts';
import type { Fixture } from '../support/command-fixture.ts';
import { createKeyFixture } from '../support/key-fixture.ts';

interface Check {
  readonly check: string;
  readonly status: string;
  readonly reason: string;
  readonly fix: string | null;
}

async function refreshCheck(fixture: Fixture, ...options: readonly string[]): Promise<Check | undefined> {
  const { document } = await fixture.runJson('doctor', SECRET, ...options);
  return (document.checks as readonly Check[]).find(({ check }) => check === 'refresh-interval');
}

/** The minimum gap of the deployed function is two hours. */
function deployed(fixture: Fixture, minutes = 120): void {
  fixture.aws.environment['MINIMUM_GAP_MINUTES'] = String(minutes);
}

const FIXTURES: Readonly<Record<string, () => Promise<Pick<FunctionFixture, 'fixture'>>>> = {
  'two users': () => createFunctionFixture('two'),
  'an API key': async () => createKeyFixture(),
};

describe('doctor --refresh-interval', () => {
  it('warns for a single user, and says for how long a reader fails', async () => {
    const { fixture } = await createFunctionFixture('one');
    deployed(fixture);
    expect(await refreshCheck(fixture, '--refresh-interval', '1h')).toEqual({
      check: 'refresh-interval',
      status: 'warning',
      reason: expect.stringContaining('up to 1 h'),
      fix: expect.stringContaining('docs/applications.md#choose'),
    });
  });

  describe.each(Object.entries(FIXTURES))('with %s', (_, create) => {
    it('passes only if the minimum gap of the function is longer than the interval', async () => {
      const { fixture } = await create();
      deployed(fixture);
      expect(await refreshCheck(fixture, '--refresh-interval', '1h59m59s')).toMatchObject({
        status: 'pass',
        fix: null,
      });
      for (const [interval, minutes] of [
        ['2h', 121],
        ['3h30s', 181],
      ] as const) {
        const check = await refreshCheck(fixture, '--refresh-interval', interval);
        expect(check).toMatchObject({ status: 'warning' });
        expect(check?.fix).toContain(`Set minimumGapMinutes to ${minutes} or more`);
        deployed(fixture, minutes);
        expect(await refreshCheck(fixture, '--refresh-interval', interval)).toMatchObject({ status: 'pass' });
        deployed(fixture);
      }
    });

    it('does not know the answer if the function cannot be read', async () => {
      const { fixture } = await create();
      fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied');
      expect(await refreshCheck(fixture, '--refresh-interval', '1h')).toMatchObject({ status: 'unknown' });
    });
  });

  it('checks nothing without the option, and refuses a number without a unit', async () => {
    const { fixture } = await createFunctionFixture('two');
    expect(await refreshCheck(fixture)).toBeUndefined();
    const { code, err } = await fixture.run(['doctor', SECRET, '--refresh-interval', '60']);
    expect([code, err.includes('Expected a duration with its unit')]).toEqual([2, true]);
  });
});
