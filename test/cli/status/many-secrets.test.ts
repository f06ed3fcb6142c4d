import { describe, expect, it } from 'vitest';
import { addSecretWithUser, createFleetFixture, fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { replace } from '../support/replace.ts';
import { OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

/** Secrets of other users. The cluster rejects the password of `broken`. */
function addOthers(): void {
  for (const name of ['search', 'users', 'broken']) {
    addSecretWithUser(fixture, name);
  }
  fixture.cluster.setByHand('broken', 'Unknown!1');
  orders.store.lastRotatedAt = Date.parse('2026-02-20T03:00:00Z');
}

const ALL = ['orders', 'search', 'users', 'broken'];

describe('status of many secrets', () => {
  it('prints a table with the problems first, then what is wrong', async () => {
    addOthers();

    const { code, out } = await fixture.run(['status', ...ALL, 'nobody-else']);

    expect(code).toBe(3);
    expect(out.split('\n').slice(0, 7)).toEqual([
      '5 secrets: 1 urgent, 1 refused, 3 ok',
      '  state      rotated     next        secret       findings',
      '  urgent     -           2026-03-02  broken       none-in-force',
      '  refused                            nobody-else  not-found',
      '  ok         2026-02-20  2026-03-02  orders',
      '  ok         -           2026-03-02  search',
      '  ok         -           2026-03-02  users',
    ]);
    expect(out).toContain('\nbroken\n  problem ');
    expect(out).toMatch(/\nnobody-else\n {2}refused .*\(not-found\)\n/);
    expect(out).not.toContain('\norders\n');
  });

  it('reports the absent function of each secret that it searches', async () => {
    fixture.aws.inspection.account.rotationFunction = undefined;
    fixture.aws.failing.set('GetFunctionConfiguration', 'not-found');

    for (const condition of ['--all', '--prefix=ord']) {
      const { code, document } = await fixture.runJson('status', condition);

      expect([code, document.skipped]).toEqual([3, []]);
      expect(document.secrets).toMatchObject([{ secret: orders.arn, findings: [{ code: 'function-absent' }] }]);
    }
  });

  it('ends with 5 for a secret that it skips, because it may not ask whose function it is', async () => {
    fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied');

    expect((await fixture.run(['status', '--all'])).code).toBe(5);
  });

  it('examines a fleet below the quota of ListSecretVersionIds, and shows a count instead of each secret', async () => {
    const fleet = createFleetFixture(200);
    const listedAt: number[] = [];
    for (const { store } of fleet.aws.secrets.values()) {
      replace(store, 'list', (list) => async () => {
        listedAt.push(fleet.clock.now());
        return await list();
      });
    }

    const { code, document } = await fleet.runJson('status', '--all');

    expect([code, document.secrets.length]).toEqual([0, 200]);
    expect(new Set(document.secrets.map(({ secret }: { secret: string }) => secret)).size).toBe(200);
    const [first = 0] = listedAt;
    expect((listedAt.at(-1) ?? 0) - first).toBeGreaterThanOrEqual(4500);
    expect(fleet.printed.err).toContain('200 of 200');
    expect(fleet.printed.err).not.toContain('fleet-7');
  });

  it('examines no further secret after Ctrl-C, and shows what it has examined', async () => {
    const fleet = createFleetFixture(60);
    const { describeSecret } = fleet.aws.rotation;
    let described = 0;
    fleet.aws.rotation.describeSecret = async (secretId) => {
      described += 1;
      if (described === 15) {
        fleet.interruption.abort();
      }
      return await describeSecret(secretId);
    };

    const { code, document } = await fleet.runJson('status', '--all');

    expect([code, document.secrets.length]).toEqual([130, 60]);
    expect(described).toBeLessThan(25);
    expect(document.secrets.at(0).error).toBeNull();
    expect(document.secrets.at(-1).error.code).toBe('interrupted');
    expect(fleet.aws.calls.filter((call) => call.startsWith('list '))).toHaveLength(described);
  });

  it('is not ended by a fault with one secret, which it reports', async () => {
    addOthers();
    replace(fixture.cluster, 'authenticates', (authenticates) => async (credentials) => {
      if (credentials.username === 'search') {
        throw new TypeError(`Cannot read properties of ${OLD_PASSWORD}`);
      }
      return await authenticates(credentials);
    });

    const { code, document } = await fixture.runJson('status', 'orders', 'search', 'users');

    expect(code).toBe(1);
    expect(document.secrets.map(({ error }: { error: { code: string } | null }) => error?.code ?? null)).toEqual([
      null,
      'unexpected',
      null,
    ]);
    expect(JSON.stringify(document)).not.toContain(OLD_PASSWORD);
  });

  it('prints a fault of the function of 30 secrets once, with their names', async () => {
    const fleet = createFleetFixture(30);
    fleet.aws.inspection.account.policy = [];

    const { code, out } = await fleet.run(['status', '--all']);

    expect(code).toBe(3);
    expect(out.match(/aws lambda add-permission/g)).toHaveLength(1);
    expect(out).toContain('fleet-0, fleet-1, fleet-2, fleet-3, fleet-4 and 25 more');

    for (const secret of fleet.aws.secrets.values()) {
      secret.nextRotationAt = fleet.clock.now() - 1;
    }
    expect((await fleet.run(['status', '--all'])).out.match(/aws lambda add-permission/g)).toHaveLength(1);
  });
});
