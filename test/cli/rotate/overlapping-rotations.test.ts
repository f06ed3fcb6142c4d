import { describe, expect, it } from 'vitest';
import { AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import type { Fixture } from '../support/command-fixture.ts';
import type { FakeRotation } from '../support/fake-aws.ts';
import { createFleetFixture, ROTATE_ALL } from '../support/fleet-fixture.ts';
import { fixture, orders, TOKEN, useOrders } from '../support/orders-fixture.ts';
import { documentOf, documentOfUser, successfulRotation } from '../support/rotations.ts';

useOrders();

const NEWER_PASSWORD = 'Newer&Pass1';

/** createSecret and setSecret of a rotation of somebody else, after the one of the command. */
function beginNewer(): void {
  const { store } = orders;
  store.startRotation('newer');
  const labels = [AWSPENDING, sentLabel('newer')];
  void store.put({ versionId: 'newer', value: documentOf(NEWER_PASSWORD), labels });
  fixture.cluster.setByHand('app', NEWER_PASSWORD);
}

function promoteNewer(): void {
  void orders.store.promote({ to: 'newer', from: TOKEN });
}

/** The rotation of the command succeeds after 3.7 seconds. The command reads after 3.3 and 5.2. */
function afterRotation(...actions: readonly (readonly [milliseconds: number, action: () => void])[]): void {
  orders.rotate = (rotation) => {
    successfulRotation(fixture.cluster)(rotation);
    for (const [milliseconds, action] of actions) {
      rotation.at(milliseconds, action);
    }
  };
}

describe('rotate beside another rotation of the same secret', () => {
  it.each([
    ['that ends before the command sees its own promotion', 4000, 4500],
    ['that changes the password before the login, and ends later', 4500, 40_000],
  ])('proves a newer one %s', async (_, begins, ends) => {
    afterRotation([begins, beginNewer], [ends, promoteNewer]);

    const { code, document } = await fixture.runJson('rotate', 'orders');

    expect(code, JSON.stringify(document)).toBe(0);
    expect(document.secrets[0]).toMatchObject({ outcome: 'rotated', versionId: 'newer', login: { username: 'app' } });
    expect(document.secrets[0].notes.join()).toContain(`${TOKEN}`);
  });

  it('exits with 6 if the credential of the newer one does not log in', async () => {
    afterRotation([4000, beginNewer], [4500, promoteNewer], [4600, () => fixture.cluster.setByHand('app', 'other')]);

    const { code, document } = await fixture.runJson('rotate', 'orders');

    expect(code).toBe(6);
    expect(document.secrets[0].versionId).toBe('newer');
  });

  it('exits with 6 if the newer one does not end', async () => {
    afterRotation([4500, beginNewer]);
    expect((await fixture.run(['rotate', 'orders'])).code).toBe(6);
  });

  it('exits with 6 if the cluster rejects the new password and there is no other rotation', async () => {
    afterRotation([4500, () => fixture.cluster.setByHand('app', 'other')]);
    expect((await fixture.run(['rotate', 'orders'])).code).toBe(6);
  });

  it('takes a value that a person stored for no rotation, although it logs in', async () => {
    afterRotation([
      4000,
      () => {
        fixture.cluster.setByHand('app', NEWER_PASSWORD);
        orders.store.storeByHand('by-hand', documentOf(NEWER_PASSWORD));
      },
    ]);

    const { code, out } = await fixture.run(['rotate', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('orders: failed (abandoned)');
  });
});

describe('two commands at once', () => {
  const names = Array.from({ length: 24 }, (_, index) => `fleet-${index}`);

  it.each([
    ['of named secrets', ['rotate', ...names]],
    ['of a fleet', ROTATE_ALL],
    ['of a fleet, a few secrets at a time', [...ROTATE_ALL, '--concurrency', '3']],
  ])('both end with 0: %s', async (_, args) => {
    const fleet = createFleetFixture(names.length);
    for (const [index, name] of names.entries()) {
      fleet.aws.secret(name).rotate = rotationOfUser(name, fleet, 300 + index * 40);
    }

    const runs = await Promise.all([fleet.run(args), fleet.run(args)]);

    expect(runs.map(({ code, out }) => ({ code, failed: out.match(/^.*(failed|rejects).*$/gm) }))).toEqual([
      { code: 0, failed: null },
      { code: 0, failed: null },
    ]);
  });
});

/** A rotation with a password of its own. */
function rotationOfUser(name: string, { cluster }: Fixture, stepMs: number) {
  return (rotation: FakeRotation): void => {
    const password = `New-${rotation.token}`;
    rotation.at(stepMs, () => rotation.put(documentOfUser(name, password)));
    rotation.at(2 * stepMs, () => cluster.setByHand(name, password));
    rotation.at(3 * stepMs, () => rotation.promote());
  };
}
