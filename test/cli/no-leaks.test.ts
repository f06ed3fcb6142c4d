import { describe, expect, it } from 'vitest';
import { formatPins } from '../../protocol/secret/rotated-secrets.ts';
import { AWSPENDING, sentLabel } from '../../protocol/secret/versions.ts';
import { keyDocument, SCOPE } from '../support/key-world.ts';
import { leakedForms } from '../support/password-forms.ts';
import { ENDPOINT as KEY_ENDPOINT } from '../support/rotation-world.ts';
import { Fixture } from './support/command-fixture.ts';
import { addSecretWithUser } from './support/orders-fixture.ts';
import {
  attemptAndFail,
  documentOf,
  ENDPOINT,
  type FakeRotation,
  FORBIDDEN,
  GENERATED_PASSWORD,
  NEW_PASSWORD,
  OLD_PASSWORD,
  successfulRotation,
} from './support/rotations.ts';
import { keys, MANAGER, SECRET, secret, startWorld } from './support/secret-fixture.ts';

const STRANDED_PASSWORD = 'Str/an"ded:1\\+';
const ADMIN_PASSWORD = 'Adm"in/\\Pass+1';
const IN_FORCE_PASSWORD = 'Un"known/\\+1';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:zilliz-rotation';

const SECOND_PASSWORD = 'Sec/ond"\\User+1';

const PASSWORDS = [
  SECOND_PASSWORD,
  OLD_PASSWORD,
  NEW_PASSWORD,
  GENERATED_PASSWORD,
  STRANDED_PASSWORD,
  ADMIN_PASSWORD,
  IN_FORCE_PASSWORD,
];

/** The cluster accepts the password that the operator gives for the last user. */
const USERS_OF_INIT = { orders: 'app', broken: 'app', lost: 'app', placeholder: 'app', new: 'app_4' };

async function runEveryCommand(fixture: Fixture): Promise<void> {
  for (const flags of [[], ['--json'], ['--quiet']]) {
    await fixture.run(['rotate', 'orders', 'failing', 'broken', ...flags]);
    await fixture.run(['rotate', '--prefix', 'bulk', '--rotated-by', 'zilliz-rotation', '--yes', ...flags]);
    for (const secret of ['orders', 'failing', 'broken']) {
      await fixture.run(['rotate', secret, ...flags]);
    }
    await fixture.run(['status', 'orders', 'failing', 'broken', 'lost', ...flags]);
    for (const secret of ['orders', 'broken', 'lost', 'two']) {
      await fixture.run(['doctor', secret, ...flags]);
    }
    await fixture.run(['repair', 'lost', '--yes', ...flags]);
    await fixture.run(['repair', 'lost', '--admin-secret', 'admin', ...flags]);
    await fixture.run(['repair', 'lost', '--admin-secret', 'admin', '--yes', ...flags]);
    await fixture.run(['repair', 'broken', '--yes', ...flags]);
    await fixture.run(['repair', 'broken', '--yes', '--version', 'broken-v1', ...flags]);
    await fixture.run(['repair', 'lost', '--yes', '--version', 'sent', ...flags]);
    fixture.aws.failing.delete('GetFunctionConfiguration');
    await fixture.run(['rotate', 'two', '--both-users', '--yes', ...flags]);
    await fixture.run(['status', 'two', ...flags]);
    fixture.aws.environment['ROTATED_SECRETS'] = '*';
    const verify = ['verify', '--endpoint', ENDPOINT, '--yes', ...flags];
    await fixture.run([...verify, '--function', FUNCTION, '--admin-secret', 'admin']);
    fixture.passwords.splice(0, 9, SECOND_PASSWORD, SECOND_PASSWORD);
    await fixture.run([...verify, '--function', FUNCTION, '--users', 'app_2,app_4']);
    delete fixture.aws.environment['ROTATED_SECRETS'];
    fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied');
    for (const [secret, username] of Object.entries(USERS_OF_INIT)) {
      fixture.passwords.splice(0, 9, SECOND_PASSWORD, SECOND_PASSWORD);
      const args = ['init', secret, '--endpoint', ENDPOINT, '--yes', ...flags];
      await fixture.run([...args, '--username', username]);
      await fixture.run([...[...args, '--users', 'app,app_3', '--admin-secret', 'admin'], ...['--role', 'reader']]);
    }
    await fixture.run(['repair', 'two', '--yes', ...flags]);
    await fixture.run(['history', 'orders', ...flags]);
    for (const format of ['html', 'csv']) {
      await fixture.run(['report', 'orders', 'failing', 'broken', 'lost', '--format', format, ...flags]);
    }
  }
  await fixture.run(['rotate', 'orders']);
}

async function createPreparedFixture(): Promise<Fixture> {
  const fixture = new Fixture();
  fixture.cluster.addUser('app', OLD_PASSWORD).addUser('admin', ADMIN_PASSWORD);
  fixture.adminCluster.admins.add(`admin:${ADMIN_PASSWORD}`);
  fixture.aws.add('orders', documentOf(OLD_PASSWORD), { rotate: successfulRotation(fixture.cluster) });
  addSecretWithUser(fixture, 'bulk');
  fixture.aws.add('failing', documentOf(OLD_PASSWORD), { rotate: (rotation) => attemptAndFail(rotation, FORBIDDEN) });
  fixture.aws.add('broken', `{"username":"app","password":"${OLD_PASSWORD}`);
  fixture.aws.add('admin', documentOf(ADMIN_PASSWORD, { username: 'admin' }));
  fixture.aws.add('placeholder', documentOf(STRANDED_PASSWORD));
  const lost = fixture.aws.add('lost', documentOf(OLD_PASSWORD));
  await lost.store.put({ versionId: 'sent', value: documentOf(STRANDED_PASSWORD), labels: [sentLabel('sent')] });
  lost.store.startRotation('pending');
  await lost.store.put({ versionId: 'pending', value: documentOf(NEW_PASSWORD), labels: [AWSPENDING] });
  fixture.cluster.addUser('app_2', SECOND_PASSWORD).addUser('app_4', SECOND_PASSWORD);
  fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied');
  // Most of these secrets have the same user, which the command would refuse.
  fixture.aws.failing.set('ListSecrets', 'access-denied');
  const users = ['app', 'app_2'] as const;
  fixture.aws.environment['SECRET_TARGETS'] = formatPins({ two: { endpoint: ENDPOINT, usernames: users } });
  const two = fixture.aws.add('two', documentOf(OLD_PASSWORD), {
    rotate: (rotation) => {
      rotation.put(documentOf(NEW_PASSWORD, { username: 'app_2' }));
      fixture.cluster.setByHand('app_2', NEW_PASSWORD);
      rotation.promote();
    },
  });
  await two.store.put({ versionId: 'second', value: documentOf(SECOND_PASSWORD, { username: 'app_2' }), labels: [] });
  return fixture;
}

describe('the output of the command', () => {
  it('contains no password in any form, after any outcome', async () => {
    const fixture = await createPreparedFixture();
    await runEveryCommand(fixture);
    fixture.cluster.setByHand('app', IN_FORCE_PASSWORD);
    await runEveryCommand(fixture);
    fixture.cluster.superUsers = ['admin'];
    fixture.cluster.setByHand('app', IN_FORCE_PASSWORD);
    await runEveryCommand(fixture);
    fixture.cluster.reachable = false;
    await runEveryCommand(fixture);

    const printed = fixture.printed.out + fixture.printed.err;
    expect(printed).toContain('repaired');
    expect(printed).toContain('after 10 wrong passwords');
    expect(printed).toMatch(/both users +1 secret .*: two$/m);
    expect(printed).toContain('new: ready');
    expect(printed.length).toBeGreaterThan(20_000);
    expect(leakedForms(printed, PASSWORDS)).toEqual([]);
  });

  it('contains no API key in any form, after any outcome', async () => {
    const fixture = await startWorld('key');
    const { organization } = keys;
    const wrong = 'wr0ng-key-0123456789abcdef';
    const plain = organization.createByHand({ name: 'plain', description: 'by hand', scope: SCOPE });
    const swapped = organization.createByHand({ name: 'swapped', description: 'by hand', scope: SCOPE });
    fixture.aws.add('plain', plain.key);
    fixture.aws.add('swapped', keyDocument({ id: swapped.key, key: swapped.id }));
    const runAll = async (): Promise<void> => {
      for (const flags of [[], ['--json'], ['--quiet']]) {
        for (const name of [SECRET, 'plain', 'swapped']) {
          await fixture.run(['status', name, '--manager', ...flags]);
          await fixture.run(['doctor', name, '--manager', ...flags]);
          await fixture.run(['rotate', name, ...flags]);
          await fixture.run(['rotate', name, '--revoke-previous', '--yes', ...flags]);
          await fixture.run(['repair', name, '--yes', ...flags]);
          await fixture.run(['repair', name, '--yes', '--manager', '--like', plain.id, ...flags]);
          await fixture.run(['repair', name, '--yes', '--manager', '--like', wrong, ...flags]);
          await fixture.run(['repair', name, '--yes', '--version', 'plain-v1', ...flags]);
          fixture.passwords.splice(0, 9, wrong, wrong);
          await fixture.run(['init', name, '--strategy', 'api-key', '--endpoint', KEY_ENDPOINT, '--yes', ...flags]);
          await fixture.run(['init', name, '--api-key-id', plain.key, '--yes', ...flags]);
          await fixture.run(['init', name, '--manager-secret', MANAGER, '--endpoint', KEY_ENDPOINT, '--yes', ...flags]);
          await fixture.run(['history', name, ...flags]);
        }
        await fixture.run(['report', '--all', '--format', 'json', ...flags]);
      }
    };

    await runAll();
    secret.store.storeByHand('edit', keyDocument(keys.first));
    await organization.delete(keys.first.id);
    await runAll();
    organization.manager = 'rejected';
    await runAll();
    fixture.cluster.reachable = false;
    await runAll();

    const printed = fixture.printed.out + fixture.printed.err;
    expect(printed).toContain('rotated');
    expect(printed).toContain('repaired');
    expect(printed.length).toBeGreaterThan(20_000);
    expect(leakedForms(printed, [...organization.everyKey, keys.managerKey, wrong])).toEqual([]);
  });

  it('contains no name of a user that nobody pinned and that the cluster rejects, because it may be a password', async () => {
    const fixture = await createPreparedFixture();
    const head = 'Hunter2-Secret';
    const bare = { rotate: (rotation: FakeRotation) => attemptAndFail(rotation, FORBIDDEN) };
    for (const value of [`${head}:rest/of+it`, documentOf(OLD_PASSWORD, { username: head })]) {
      const { store } = fixture.aws.add('bare', value, bare);
      store.tags['zilliz:endpoint'] = ENDPOINT;
      fixture.aws.add('copy', value, bare).store.tags['zilliz:endpoint'] = ENDPOINT;
      for (const flags of [[], ['--json'], ['--quiet']]) {
        for (const command of ['status', 'doctor', 'rotate', 'repair', 'init']) {
          fixture.passwords.splice(0, 9, SECOND_PASSWORD);
          await fixture.run([command, 'bare', ...(/repair|init/.test(command) ? ['--yes'] : []), ...flags]);
        }
        await fixture.run(['status', 'bare', 'copy', ...flags]);
        await fixture.run(['repair', 'bare', '--admin-secret', 'admin', '--yes', ...flags]);
        store.storeByHand('edit', documentOf(OLD_PASSWORD));
        await fixture.run(['status', 'bare', ...flags]);
        await fixture.run(['repair', 'bare', '--version', 'bare-v1', '--yes', ...flags]);
        store.storeByHand('again', value);
      }
      fixture.aws.failing.delete('ListSecrets');
      await fixture.run(['status', 'bare']);
    }

    const printed = fixture.printed.out + fixture.printed.err;
    expect(printed.length).toBeGreaterThan(20_000);
    expect(leakedForms(printed, [head])).toEqual([]);
  });
});
