import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../../protocol/secret/document.ts';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { createFixture, type Fixture } from '../support/command-fixture.ts';
import { INTERRUPTIONS, interruptAt } from '../support/interrupted-calls.ts';
import { addAdmin } from '../support/repair-fixture.ts';
import { documentOf, OLD_PASSWORD } from '../support/rotations.ts';

const RECREATE = ['repair', 'orders', '--admin-secret', 'zilliz-admin', '--recreate-user', '--yes', '--json'];

function prepared(): Fixture {
  const fixture = createFixture();
  fixture.cluster.addUser('app', 'Unknown!1');
  fixture.aws.add('orders', documentOf(OLD_PASSWORD));
  addAdmin(fixture);
  fixture.cluster.superUsers = [];
  fixture.adminCluster.roles.set('app', ['reader', 'writer']);
  return fixture;
}

describe('repair --recreate-user that is interrupted', () => {
  it.each(INTERRUPTIONS)(
    'ends with every role in the next run, without --role, if it %s any call',
    async (interruption) => {
      const clean = prepared();
      const { calls } = interruptAt(clean, -1, interruption);
      expect((await clean.run(RECREATE)).code).toBe(0);
      expect(calls).toContain('dropUser');

      for (const [index, call] of calls.entries()) {
        const fixture = prepared();
        const { restore } = interruptAt(fixture, index, interruption);
        await fixture.run(RECREATE);
        restore();

        const { code, out } = await fixture.run(RECREATE);

        const { store } = fixture.aws.secret('orders');
        const current = parseDocument(store.valueOf(store.holder(AWSCURRENT) ?? '') ?? '');
        expect(code, `${interruption} call ${index}, ${call}: ${out}`).toBe(0);
        expect(fixture.cluster.passwordOf('app')).toBe(current.password);
        expect(fixture.adminCluster.roles.get('app')?.toSorted()).toEqual(['reader', 'writer']);
        expect(store.tags).toEqual({});
      }
    },
  );
});
