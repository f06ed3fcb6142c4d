import { expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../protocol/secret/versions.ts';
import { document, SECOND_USER, USER } from '../support/rotation-world.ts';
import { createFunctionFixture, type FunctionFixture, GAP, SECRET } from './support/alternating-fixture.ts';
import { addOwnLabels, addSentVersions } from './support/repair-fixture.ts';

type Happen = (world: FunctionFixture) => unknown;

const block: Happen = async ({ secret: { store } }) => {
  store.startRotation('token-1');
  const labels = [AWSPENDING, sentLabel('token-1')];
  await store.put({ versionId: 'token-1', value: document('Sent-password-1'), labels });
};

const store =
  (...values: readonly string[]): Happen =>
  ({ secret }) => {
    for (const [index, value] of values.entries()) {
      secret.store.storeByHand(`edit-${index}`, value);
    }
  };

/**
 * Each state that `status` knows, and combinations of them. Which command makes the secret whole:
 * `repair` with moves of labels, `init` if the cluster has passwords that a person knows.
 */
const STATES: ReadonlyArray<readonly [name: string, helps: 'repair' | 'init' | 'both' | 'none', happen: Happen]> = [
  ['nothing is wrong', 'both', () => undefined],
  ['a rotation stopped', 'both', block],
  ['a rotation stopped before it stored a value', 'both', ({ secret }) => secret.store.startRotation('token-1')],
  [
    'a rotation stopped after the change',
    'both',
    async (world) => {
      await block(world);
      world.fixture.cluster.setByHand(USER, 'Sent-password-1');
    },
  ],
  [
    'a rotation was cancelled',
    'repair',
    async (world) => {
      await block(world);
      world.secret.store.rotationEnabled = false;
    },
  ],
  ['the idle user has another password', 'init', ({ fixture }) => fixture.cluster.setByHand(SECOND_USER, 'Unknown-1')],
  ['the idle user does not exist', 'none', ({ fixture }) => fixture.cluster.dropUser(SECOND_USER)],
  [
    'the version of the idle user has no label',
    'both',
    ({ secret }) => secret.store.removeLabel({ label: sentLabel('v-second'), from: 'v-second' }),
  ],
  ['the current user has another password', 'init', ({ fixture }) => fixture.cluster.setByHand(USER, 'Unknown-1')],
  ['the labels are full', 'none', ({ secret }) => addOwnLabels(secret, 17)],
  [
    'the labels are full, and a rotation stopped',
    'none',
    async (world) => {
      await block(world);
      await addOwnLabels(world.secret, 15);
    },
  ],
  [
    'labels of the function fill the secret',
    'init',
    async ({ secret }) => {
      await addSentVersions(secret, 9, (index) => document(`Old-password-${index}`));
      const { versions } = await secret.store.describe();
      await addOwnLabels(secret, 16 - versions.length);
    },
  ],
  ['a wrong password was stored', 'both', store(document('Wrong-password-1'))],
  ['no credential was stored', 'init', store('garbage')],
  ['no credential was stored twice', 'init', store('garbage', 'garbage')],
  [
    'another user was stored',
    'init',
    async (world) => {
      world.fixture.cluster.addUser('other', 'Other-password-1');
      const token = 'other:Other-password-1';
      await store(document('Other-password-1', { username: 'other', token }))(world);
    },
  ],
  ['a host was stored that is not allowed', 'init', store(document('Wrong-1', { endpoint: 'https://a.example.com' }))],
  ['another cluster was stored', 'init', store(document('Wrong-1', { endpoint: 'http://127.0.0.1:19531' }))],
  [
    'a copy of the password was stored',
    'none',
    ({ secret, world }) => {
      const password = world.passwordIn(AWSCURRENT) ?? '';
      secret.store.storeByHand('edit', document(password, { dsn: password }));
    },
  ],
  [
    'the function does not exist',
    'none',
    ({ fixture }) => Object.assign(fixture.aws.inspection.account, { rotationFunction: undefined }),
  ],
  [
    'Secrets Manager may not invoke the function',
    'none',
    ({ fixture }) => Object.assign(fixture.aws.inspection.account, { policy: [] }),
  ],
  ['the secret is marked for deletion', 'none', ({ secret }) => Object.assign(secret, { deletedAt: 1 })],
  ['authorization is off', 'none', ({ fixture }) => Object.assign(fixture.cluster, { authorization: false })],
  ['the cluster is unreachable', 'none', ({ fixture }) => Object.assign(fixture.cluster, { reachable: false })],
];

const USERS = { one: [USER], two: [USER, SECOND_USER] } as const;

const WORLDS = (['one', 'two'] as const).flatMap((users) =>
  STATES.map(([name, helps, happen]) => ({ name, users, helps, happen })),
);

/** `status` finds nothing with which a rotation would fail, and the next rotation succeeds. */
async function expectWhole({ fixture, secret }: FunctionFixture, before: string): Promise<void> {
  const status = await fixture.run(['status', SECRET]);
  expect(status.code, `${before}\n${status.out}`).toBe(0);
  expect([undefined, secret.store.holder(AWSCURRENT)]).toContain(secret.store.holder(AWSPENDING));
  // A command that moves AWSCURRENT begins the minimum gap.
  fixture.clock.advance(GAP);
  const rotate = await fixture.run(['rotate', SECRET]);
  expect(rotate.code, `${before}\n${rotate.out}`).toBe(0);
}

it.each(WORLDS)('repair ends with 0 only if the next rotation succeeds: $name, with the users: $users', async (row) => {
  const world = await createFunctionFixture(row.users);
  await row.happen(world);

  const { code, out } = await world.fixture.run(['repair', SECRET, '--yes']);

  if (code === 0 || row.helps === 'repair' || row.helps === 'both') {
    expect(code, out).toBe(0);
    world.secret.store.rotationEnabled = true;
    await expectWhole(world, out);
  } else {
    expect(out).toMatch(/advice {5}\S/);
  }
});

it.each(WORLDS.filter(({ helps }) => helps === 'init' || helps === 'both'))(
  'init with passwords that a person knows makes the secret whole: $name, with the users: $users',
  async ({ users, happen }) => {
    const world = await createFunctionFixture(users);
    const { fixture } = world;
    await happen(world);
    for (const username of USERS[users]) {
      fixture.cluster.setByHand(username, 'Known-password-1');
      fixture.passwords.push('Known-password-1');
    }

    const status = await fixture.run(['status', SECRET]);
    expect(status.code).toBe(3);
    expect(status.out).toContain(`zilliz-rotation init ${SECRET}`);
    const init = await fixture.run(['init', SECRET, '--yes']);

    expect(init.code, init.out).toBe(0);
    expect(fixture.passwords).toEqual([]);
    expect(world.world.passwordIn(AWSCURRENT)).toBe('Known-password-1');
    await expectWhole(world, init.out);
  },
);
