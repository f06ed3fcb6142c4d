import { expect, it } from 'vitest';
import { AWSCURRENT, AWSPENDING } from '../../../protocol/secret/versions.ts';
import { document, SECOND_USER } from '../../support/rotation-world.ts';
import { createFunctionFixture, type FunctionFixture, GAP, SECRET } from '../support/alternating-fixture.ts';
import { addOwnLabels } from '../support/repair-fixture.ts';

type State = (world: FunctionFixture) => unknown;

const block: State = async ({ secret: { store } }) => {
  store.startRotation('token-1');
  await store.put({ versionId: 'token-1', value: document('Sent-password-1'), labels: [AWSPENDING] });
};

/** Each state that `status` knows, and combinations of them. */
const STATES: Readonly<Record<string, State>> = {
  'nothing is wrong': () => undefined,
  'a rotation stopped': block,
  'a rotation stopped after the change': async (world) => {
    await block(world);
    world.fixture.cluster.setByHand('app_reader', 'Sent-password-1');
  },
  'a rotation was cancelled': async (world) => {
    await block(world);
    world.secret.store.rotationEnabled = false;
  },
  'the idle user has another password': ({ fixture }) => fixture.cluster.setByHand(SECOND_USER, 'Unknown-1'),
  'the idle user does not exist': ({ fixture }) => fixture.cluster.dropUser(SECOND_USER),
  'the version of the idle user has no label': ({ secret }) =>
    secret.store.removeLabel({ label: 'zilliz-sent:v-second', from: 'v-second' }),
  'the current user has another password': ({ fixture }) => fixture.cluster.setByHand('app_reader', 'Unknown-1'),
  'the labels are full': ({ secret }) => addOwnLabels(secret, 17),
  'the labels are full, and a rotation stopped': async (world) => {
    await block(world);
    await addOwnLabels(world.secret, 16);
  },
  'a wrong password was stored': ({ secret }) => secret.store.storeByHand('edit', document('Wrong-password-1')),
  'no credential was stored': ({ secret }) => secret.store.storeByHand('edit', 'garbage'),
  'another user was stored': ({ secret, fixture }) => {
    fixture.cluster.addUser('other', 'Other-password-1');
    const token = 'other:Other-password-1';
    secret.store.storeByHand('edit', document('Other-password-1', { username: 'other', token }));
  },
  'another cluster was stored': ({ secret, fixture }) => {
    const endpoint = 'http://127.0.0.1:19531';
    secret.store.storeByHand('edit', document(fixture.cluster.passwordOf('app_reader') ?? '', { endpoint }));
  },
  'a copy of the password was stored': ({ secret, world }) =>
    secret.store.storeByHand(
      'edit',
      document(world.passwordIn(AWSCURRENT) ?? '', { dsn: world.passwordIn(AWSCURRENT) }),
    ),
  'the function does not exist': ({ fixture }) => {
    fixture.aws.inspection.account.rotationFunction = undefined;
  },
  'Secrets Manager may not invoke the function': ({ fixture }) => {
    fixture.aws.inspection.account.policy = [];
  },
  'the secret is marked for deletion': ({ secret }) => Object.assign(secret, { deletedAt: 1 }),
  'authorization is off': ({ fixture }) => Object.assign(fixture.cluster, { authorization: false }),
  'the cluster is unreachable': ({ fixture }) => Object.assign(fixture.cluster, { reachable: false }),
};

/** The states that moves of labels repair. */
const REPAIRED: readonly string[] = [
  'nothing is wrong',
  'a rotation stopped',
  'a rotation stopped after the change',
  'a rotation was cancelled',
  'the version of the idle user has no label',
  'a wrong password was stored',
];

const WORLDS = (['one', 'two'] as const).flatMap((users) =>
  Object.entries(STATES).map(([name, state]) => [name, users, state] as const),
);

it.each(WORLDS)(
  'repair ends with 0 only if the next rotation succeeds: %s, with the users: %s',
  async (name, users, state) => {
    const world = await createFunctionFixture(users);
    await state(world);

    const { code, out } = await world.fixture.run(['repair', SECRET, '--yes']);

    if (code === 0 || REPAIRED.includes(name)) {
      expect(code, out).toBe(0);
      world.secret.store.rotationEnabled = true;
      const status = await world.fixture.run(['status', SECRET]);
      expect(status.code, `${out}\n${status.out}`).toBe(0);
      // A repair that moves AWSCURRENT begins the minimum gap.
      world.fixture.clock.advance(GAP);
      const rotate = await world.fixture.run(['rotate', SECRET]);
      expect(rotate.code, `${out}\n${rotate.out}`).toBe(0);
    } else {
      expect(out).toMatch(/advice {5}\S/);
    }
  },
);
