import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEndpoint } from '../../../protocol/cluster/endpoint.ts';
import { AWSCURRENT } from '../../../protocol/secret/versions.ts';
import { createFixture, type Fixture } from '../support/command-fixture.ts';
import type { FakeSecret } from '../support/fake-aws.ts';
import { addAdmin, GENERATED_ID, leavePending } from '../support/repair-fixture.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

const endpoint = parseEndpoint(ENDPOINT, { allowed: ['.zillizcloud.com'], allowPlaintext: false });

const RUNS = 300;

interface Trial {
  readonly fixture: Fixture;
  readonly orders: FakeSecret;
  /** Whether AWSCURRENT has moved before both proxies knew the password. */
  movedEarly(): boolean;
}

/** Two proxies, of which one learns of a change late, in many random orders of logins. */
function* trials(): Generator<Trial> {
  const choices = fc.infiniteStream(fc.nat(1));
  const delayMs = fc.constantFrom(1500, 3000, 5000);
  for (const [stream, delay] of fc.sample(fc.tuple(choices, delayMs), { seed: 1, numRuns: RUNS })) {
    const fixture = createFixture();
    fixture.cluster.addUser('app', OLD_PASSWORD);
    fixture.cluster.proxies = { delaysMs: [0, delay], now: fixture.clock.now, choose: () => stream.next().value ?? 0 };
    const orders = fixture.aws.add('orders', documentOf(OLD_PASSWORD));
    const promote = orders.store.promote.bind(orders.store);
    let early = false;
    orders.store.promote = async (move) => {
      early = !fixture.cluster.everyProxyKnows('app');
      return await promote(move);
    };
    yield { fixture, orders, movedEarly: () => early };
  }
}

describe('repair behind slow proxies', () => {
  it('waits until every proxy knows the password that an admin has set', async () => {
    let early = 0;
    for (const { fixture, orders, movedEarly } of trials()) {
      fixture.cluster.setByHand('app', 'Unknown!1');
      addAdmin(fixture);

      expect(await fixture.run(['repair', 'orders', '--yes', '--admin-secret', 'zilliz-admin'])).toMatchObject({
        code: 0,
        out: expect.stringContaining('orders: repaired.'),
      });

      expect(orders.store.holder(AWSCURRENT)).toMatch(GENERATED_ID);
      early += movedEarly() ? 1 : 0;
    }
    // Of 1,200 trials with four seeds, this seed among them, 2 % moved early.
    expect(early).toBeLessThanOrEqual(RUNS * 0.05);
  });

  it('waits until every proxy knows the password that an interrupted rotation has set', async () => {
    let early = 0;
    for (const { fixture, orders, movedEarly } of trials()) {
      await leavePending(orders);
      await fixture.cluster.changePassword({ endpoint, username: 'app', password: OLD_PASSWORD }, NEW_PASSWORD);

      const { code, out } = await fixture.run(['repair', 'orders', '--yes']);

      if (code !== 0) {
        // A login of a search, with the old or the new password, reached the late proxy.
        expect(out).toMatch(/\((changed-meanwhile|none-in-force|current-not-in-force)\)/);
        expect(orders.store.holder(AWSCURRENT), out).toBe(movedEarly() ? 'token-1' : 'orders-v1');
      }
      early += movedEarly() ? 1 : 0;
      await fixture.clock.sleep(5000, fixture.interruption.signal);
      expect((await fixture.run(['repair', 'orders', '--yes'])).code).toBe(0);
      expect(orders.store.holder(AWSCURRENT)).toBe('token-1');
    }
    // The login of the search and three logins miss the late proxy with a chance of 1/16.
    expect(early).toBeLessThanOrEqual(RUNS * 0.1);
  });
});
