import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../protocol/secret/document.ts';
import { AWSCURRENT } from '../../protocol/secret/versions.ts';
import { Fixture } from './support/command-fixture.ts';
import {
  A,
  ADD_SECOND,
  ADMIN,
  addSecretOfFirstUser,
  B,
  currentDocument,
  SINGLE,
  TWO_NEW,
  validTokens,
} from './support/init-fixture.ts';
import { INTERRUPTIONS, interruptAt } from './support/interrupted-calls.ts';
import { addAdmin } from './support/repair-fixture.ts';
import { documentOf, NEW_PASSWORD, OLD_PASSWORD } from './support/rotations.ts';

interface Setup {
  readonly name: string;
  readonly args: readonly string[];
  /** The users whose tokens log in at the end, each with the role `reader`. */
  readonly users: readonly string[];
  readonly prepare: (fixture: Fixture) => void;
}

const SETUPS: readonly Setup[] = [
  {
    name: 'init of a second user for a secret in use',
    args: ADD_SECOND,
    users: [A, B],
    prepare: (fixture) => addSecretOfFirstUser(fixture, OLD_PASSWORD),
  },
  { name: 'init of two new users', args: TWO_NEW, users: [A, B], prepare: addAdmin },
  { name: 'init of a new user', args: [...SINGLE, ...ADMIN, '--role', 'reader'], users: [A], prepare: addAdmin },
  {
    name: 'init of a user that exists, and a placeholder',
    args: SINGLE,
    users: [A],
    prepare: (fixture) => {
      fixture.aws.add('orders', documentOf('Placeh0lder-1'));
      fixture.cluster.addUser(A, NEW_PASSWORD).roles = { [A]: ['reader'] };
    },
  },
  {
    name: 'repair of a user whose password is not stored',
    args: ['repair', 'orders', ...ADMIN],
    users: [A],
    prepare: (fixture) => {
      let count = 0;
      fixture.newPassword = () => `Generated-${++count}`;
      fixture.aws.add('orders', documentOf(OLD_PASSWORD));
      fixture.cluster.addUser(A, NEW_PASSWORD).roles = { [A]: ['reader'] };
      addAdmin(fixture);
    },
  },
];

function prepared({ prepare }: Setup): Fixture {
  const fixture = new Fixture();
  prepare(fixture);
  return fixture;
}

async function run(fixture: Fixture, { args }: Setup): Promise<number> {
  fixture.passwords.splice(0, fixture.passwords.length, NEW_PASSWORD);
  return (await fixture.run([...args, '--yes', '--quiet'])).code;
}

/** The cluster must never have a generated password that no labelled version holds. */
function expectStoredBeforeCreated({ aws, cluster }: Fixture, users: readonly string[]): void {
  const stored = aws.secrets.get('orders')?.store.labelledValues.map((value) => parseDocument(value).password) ?? [];
  for (const username of users) {
    const password = cluster.passwordOf(username);
    if (password !== undefined && password !== NEW_PASSWORD) {
      expect(stored).toContain(password);
    }
  }
}

describe.each(SETUPS)('$name', (setup) => {
  it.each(INTERRUPTIONS)('continues the next time if it %s any call', async (interruption) => {
    const clean = prepared(setup);
    const { calls } = interruptAt(clean, -1, interruption);
    expect(await run(clean, setup)).toBe(0);
    expect(calls.length).toBeGreaterThan(5);

    for (const [index, call] of calls.entries()) {
      const fixture = prepared(setup);
      const current = fixture.aws.secrets.get('orders')?.store.holder(AWSCURRENT);
      const keepsToken = setup.args === ADD_SECOND;
      const { restore } = interruptAt(fixture, index, interruption, () => {
        expectStoredBeforeCreated(fixture, setup.users);
        if (keepsToken) {
          expect(fixture.aws.secret('orders').store.holder(AWSCURRENT)).toBe(current);
        }
      });
      await run(fixture, setup);
      restore();

      expect(await run(fixture, setup), `${interruption} call ${index}, ${call}`).toBe(0);
      expect(validTokens(fixture).map((token) => token.split(':')[0])).toEqual(setup.users);
      const { username, password } = parseDocument(JSON.stringify(currentDocument(fixture)));
      expect(fixture.cluster.passwordOf(username)).toBe(password);
      expect(setup.users.map((username) => fixture.cluster.roles[username])).toEqual(setup.users.map(() => ['reader']));
    }
  });
});
