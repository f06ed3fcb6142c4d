import { expect, it } from 'vitest';
import { leakedForms } from '../support/password-forms.ts';
import { fixture, useOrders } from './support/orders-fixture.ts';
import { addAdmin } from './support/repair-fixture.ts';
import {
  attemptAndFail,
  documentOf,
  ENDPOINT,
  type FakeRotation,
  FORBIDDEN,
  OLD_PASSWORD,
} from './support/rotations.ts';

// The fixture finds passwords in the output of every test.

useOrders();

it('no command prints the name of a user that nobody pinned and that the cluster rejects, because it may be a password', async () => {
  addAdmin(fixture);
  fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied').set('ListSecrets', 'access-denied');
  const head = 'Hunter2-Secret';
  const bare = { rotate: (rotation: FakeRotation) => attemptAndFail(rotation, FORBIDDEN) };
  for (const value of [`${head}:rest/of+it`, documentOf(OLD_PASSWORD, { username: head })]) {
    const { store } = fixture.aws.add('bare', value, bare);
    store.tags['zilliz:endpoint'] = ENDPOINT;
    fixture.aws.add('copy', value, bare).store.tags['zilliz:endpoint'] = ENDPOINT;
    for (const flags of [[], ['--json'], ['--quiet']]) {
      for (const command of ['status', 'doctor', 'rotate', 'repair', 'init']) {
        fixture.passwords.splice(0, 9, 'Typed/pass"word1');
        await fixture.run([command, 'bare', ...(/repair|init/.test(command) ? ['--yes'] : []), ...flags]);
      }
      await fixture.run(['status', 'bare', 'copy', ...flags]);
      await fixture.run(['repair', 'bare', '--admin-secret', 'zilliz-admin', '--yes', ...flags]);
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
