import { beforeEach, describe, expect, it } from 'vitest';
import { Fixture } from '../support/command-fixture.ts';
import { A, SINGLE } from '../support/init-fixture.ts';
import { NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

let fixture: Fixture;

beforeEach(() => {
  fixture = new Fixture();
  fixture.cluster.addUser(A, OLD_PASSWORD);
});

describe('a question for a password', () => {
  it('comes again for a wrong password on a terminal, three times at most', async () => {
    fixture.passwords.push('Wrong-password-1', 'Wrong-password-2', OLD_PASSWORD);
    const third = await fixture.run(SINGLE, { answer: 'yes' });
    fixture.cluster.setByHand(A, NEW_PASSWORD);
    fixture.passwords.push('Wrong-password-1', 'Wrong-password-2', 'Wrong-password-3', NEW_PASSWORD);
    const never = await fixture.run(SINGLE, { answer: 'yes' });

    expect(third.code).toBe(0);
    expect(third.err).toContain('rejects this password');
    expect([never.code, fixture.passwords]).toEqual([5, [NEW_PASSWORD]]);
  });

  it('comes once in a pipe', async () => {
    fixture.passwords.push('Wrong-password-1', OLD_PASSWORD);

    expect((await fixture.run([...SINGLE, '--yes'])).code).toBe(5);
    expect(fixture.passwords).toEqual([OLD_PASSWORD]);
  });

  it.each(['later: ask Bob', `other:${NEW_PASSWORD}`])(
    'needs endpoint and user of a note that the configuration does not contradict: %s',
    async (note) => {
      fixture.aws.add('orders', note);

      const status = await fixture.run(['status', 'orders']);
      expect([status.code, status.out]).toEqual([3, expect.stringContaining('zilliz-rotation init orders')]);
      const refused = await fixture.run(['init', 'orders', '--yes']);
      const missing = '--endpoint https://host[:port], and --username USER';
      expect([refused.code, refused.out]).toEqual([5, expect.stringContaining(missing)]);
      fixture.passwords.push(OLD_PASSWORD);

      const init = await fixture.run([...SINGLE, '--yes']);
      expect(init.code, init.out).toBe(0);
      expect((await fixture.run(['status', 'orders'])).code).toBe(0);
    },
  );
});
