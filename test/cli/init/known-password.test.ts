import { describe, expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import { document, SECOND_USER, USER } from '../../support/rotation-world.ts';
import { createFunctionFixture, type FunctionFixture, GAP, SECRET } from '../support/alternating-fixture.ts';
import { createFixture } from '../support/command-fixture.ts';
import { addOwnLabels, addSentVersions } from '../support/repair-fixture.ts';
import { ENDPOINT, OLD_PASSWORD } from '../support/rotations.ts';

const KNOWN = 'Known-password-1';

type State = (world: FunctionFixture) => unknown;

/** What else may be wrong while the cluster rejects every stored password. */
const STATES: Readonly<Record<string, State>> = {
  'nothing else is wrong': () => undefined,
  'a rotation stopped': async ({ secret: { store } }) => {
    store.startRotation('token-1');
    await store.put({
      versionId: 'token-1',
      value: document('Sent-password-1'),
      labels: [AWSPENDING, sentLabel('token-1')],
    });
  },
  'a rotation stopped before it stored a value': ({ secret }) => void secret.store.startRotation('token-1'),
  'labels of the function fill the secret': async ({ secret }) => {
    await addSentVersions(secret, 9, (index) => document(`Old-password-${index}`));
    const { versions } = await secret.store.describe();
    await addOwnLabels(secret, 16 - versions.length);
  },
  'a wrong password was stored': ({ secret }) => secret.store.storeByHand('edit', document('Wrong-password-1')),
  'no credential was stored': ({ secret }) => secret.store.storeByHand('edit', 'garbage'),
  'no credential was stored twice': ({ secret }) => {
    secret.store.storeByHand('edit-1', 'garbage');
    secret.store.storeByHand('edit-2', 'garbage');
  },
  'another user was stored': ({ secret }) =>
    secret.store.storeByHand(
      'edit',
      document('Wrong-password-1', { username: 'other', token: 'other:Wrong-password-1' }),
    ),
  'another cluster was stored': ({ secret }) =>
    secret.store.storeByHand('edit', document('Wrong-password-1', { endpoint: 'https://milvus.example.com' })),
};

const USERS = { one: [USER], two: [USER, SECOND_USER] } as const;

const WORLDS = (['one', 'two'] as const).flatMap((users) =>
  Object.entries(STATES).map(([name, state]) => [name, users, state] as const),
);

describe('init with a password that a person knows', () => {
  it.each(WORLDS)('makes the secret whole: %s, with the users: %s', async (_, users, state) => {
    const world = await createFunctionFixture(users);
    const { fixture, secret } = world;
    await state(world);
    for (const username of USERS[users]) {
      fixture.cluster.setByHand(username, KNOWN);
    }

    const status = await fixture.run(['status', SECRET]);
    expect(status.code).toBe(3);
    expect(status.out).toContain(`zilliz-rotation init ${SECRET}`);
    fixture.passwords.push(...USERS[users].map(() => KNOWN));
    const init = await fixture.run(['init', SECRET, '--yes']);

    expect(init.code, init.out).toBe(0);
    expect(fixture.passwords).toEqual([]);
    expect(world.world.passwordIn(AWSCURRENT)).toBe(KNOWN);
    const after = await fixture.run(['status', SECRET]);
    expect(after.code, after.out).toBe(0);
    expect([undefined, secret.store.holder(AWSCURRENT)]).toContain(secret.store.holder(AWSPENDING));
    fixture.clock.advance(GAP);
    expect((await fixture.run(['rotate', SECRET])).code).toBe(0);
  });

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
    const { fixture } = await createFunctionFixture('one');
    fixture.cluster.setByHand(USER, KNOWN);

    fixture.passwords.push('Wrong-1', 'Wrong-2', KNOWN);
    const third = await fixture.run(['init', SECRET], { answer: 'yes' });
    fixture.cluster.setByHand(USER, 'Other-password-1');
    fixture.passwords.push('Wrong-1', 'Wrong-2', 'Wrong-3', 'Other-password-1');
    const never = await fixture.run(['init', SECRET], { answer: 'yes' });

    expect(third.code).toBe(0);
    expect(third.err).toContain('rejects this password');
    expect([never.code, fixture.passwords]).toEqual([5, ['Other-password-1']]);
  });

  it('reads one password only from a pipe', async () => {
    const { fixture } = await createFunctionFixture('one');
    fixture.cluster.setByHand(USER, KNOWN);
    fixture.passwords.push('Wrong-1', KNOWN);

    expect((await fixture.run(['init', SECRET, '--yes'])).code).toBe(5);
    expect(fixture.passwords).toEqual([KNOWN]);
  });
});
