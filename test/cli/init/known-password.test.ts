import { describe, expect, it } from 'vitest';
import { USER } from '../../support/rotation-world.ts';
import { createFixture } from '../support/command-fixture.ts';
import { ENDPOINT, OLD_PASSWORD } from '../support/rotations.ts';
import { SECRET, useWorld, world } from '../support/secret-fixture.ts';

useWorld('one');

const KNOWN = 'Known-password-1';

describe('init with a password that a person knows', () => {
  it.each(['later: ask Bob', `other:${OLD_PASSWORD}`])(
    'replaces a note that the configuration does not contradict: %s',
    async (note) => {
      const fixture = createFixture();
      fixture.cluster.addUser('app', KNOWN);
      fixture.aws.add('orders', note);

      const status = await fixture.run(['status', 'orders']);
      expect([status.code, status.out]).toEqual([3, expect.stringContaining('zilliz-rotation init orders')]);
      const refused = await fixture.run(['init', 'orders', '--yes']);
      expect([refused.code, refused.out]).toEqual([
        5,
        expect.stringContaining('--endpoint https://host[:port], and --username USER'),
      ]);
      fixture.passwords.push(KNOWN);
      const init = await fixture.run(['init', 'orders', '--endpoint', ENDPOINT, '--username', 'app', '--yes']);

      expect(init.code, init.out).toBe(0);
      expect((await fixture.run(['status', 'orders'])).code).toBe(0);
    },
  );

  it('asks for a wrong password again on a terminal, three times at most', async () => {
    world.cluster.setByHand(USER, KNOWN);

    world.passwords.push('Wrong-1', 'Wrong-2', KNOWN);
    const third = await world.run(['init', SECRET], { answer: 'yes' });
    world.cluster.setByHand(USER, 'Other-password-1');
    world.passwords.push('Wrong-1', 'Wrong-2', 'Wrong-3', 'Other-password-1');
    const never = await world.run(['init', SECRET], { answer: 'yes' });

    expect(third.code).toBe(0);
    expect(third.err).toContain('rejects this password');
    expect([never.code, world.passwords]).toEqual([5, ['Other-password-1']]);
  });

  it('reads one password only from a pipe', async () => {
    world.cluster.setByHand(USER, KNOWN);
    world.passwords.push('Wrong-1', KNOWN);

    expect((await world.run(['init', SECRET, '--yes'])).code).toBe(5);
    expect(world.passwords).toEqual([KNOWN]);
  });
});
