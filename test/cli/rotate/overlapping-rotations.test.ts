import { describe, expect, it } from 'vitest';
import type { Fixture } from '../support/command-fixture.ts';
import type { FakeRotation } from '../support/fake-rotation.ts';
import { createFleetFixture, ROTATE_ALL } from '../support/fleet-fixture.ts';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, documentOfUser, OLD_PASSWORD, successfulRotation } from '../support/rotations.ts';

useOrders();

/** The rotation of the command succeeds after 3.7 seconds. The command reads after 3.3 and 5.2. */
function afterRotation(...actions: readonly (readonly [milliseconds: number, action: () => void])[]): void {
  orders.rotate = (rotation) => {
    successfulRotation(fixture.cluster)(rotation);
    for (const [milliseconds, action] of actions) {
      rotation.at(milliseconds, action);
    }
  };
}

describe('rotate beside a change of the same secret', () => {
  it('exits with 3 if a person stores another value', async () => {
    afterRotation([4000, () => orders.store.storeByHand('by-hand', documentOf(OLD_PASSWORD))]);

    const { code, out } = await fixture.run(['rotate', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('orders: failed (abandoned)');
  });
});

describe('two commands at once', () => {
  const names = Array.from({ length: 24 }, (_, index) => `fleet-${index}`);

  it('both end with 0', async () => {
    const fleet = createFleetFixture(names.length);
    for (const [index, name] of names.entries()) {
      fleet.aws.secret(name).rotate = rotationOfUser(name, fleet, 300 + index * 40);
    }

    const runs = await Promise.all([fleet.run(ROTATE_ALL), fleet.run(ROTATE_ALL)]);

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
