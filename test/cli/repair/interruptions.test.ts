import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../../protocol/secret/document.ts';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { createFixture, type Fixture } from '../support/command-fixture.ts';
import { INTERRUPTIONS, interruptAt } from '../support/interrupted-calls.ts';
import { addAdmin } from '../support/repair-fixture.ts';
import { documentOf, OLD_PASSWORD } from '../support/rotations.ts';

const RESET = ['repair', 'orders', '--admin-secret', 'zilliz-admin', '--yes', '--json'];

function prepared(): Fixture {
  const fixture = createFixture();
  fixture.cluster.addUser('app', 'Unknown!1');
  fixture.aws.add('orders', documentOf(OLD_PASSWORD));
  addAdmin(fixture);
  return fixture;
}

describe('repair --admin-secret that is interrupted', () => {
  it.each(INTERRUPTIONS)('continues in the next run if it %s any call', async (interruption) => {
    const clean = prepared();
    const { calls } = interruptAt(clean, -1, interruption);
    expect((await clean.run(RESET)).code).toBe(0);
    expect(calls).toContain('resetPassword');

    for (const [index, call] of calls.entries()) {
      const fixture = prepared();
      const { restore } = interruptAt(fixture, index, interruption);
      await fixture.run(RESET);
      restore();

      const { code, out } = await fixture.run(RESET);

      const { store } = fixture.aws.secret('orders');
      const current = parseDocument(store.valueOf(store.holder(AWSCURRENT) ?? '') ?? '');
      expect(code, `${interruption} call ${index}, ${call}: ${out}`).toBe(0);
      expect(fixture.cluster.passwordOf('app')).toBe(current.password);
    }
  });
});
