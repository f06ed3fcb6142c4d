import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, NEW_PASSWORD } from '../support/rotations.ts';

useOrders();

describe('a terminal without a size', () => {
  it('counts as 80 columns wide, for the progress and for the result', async () => {
    const { out, err } = await fixture.run(['rotate', 'orders'], { isTTY: true, columns: 0 });

    expect(stripVTControlCharacters(err)).toContain('orders: rotated in');
    const lines = stripVTControlCharacters(out).split('\n');
    expect(lines[1]).toBe('  AWSCURRENT 00000000-0000-4000-8000-000000000001');
    expect(Math.max(...lines.map((line) => line.length))).toBeGreaterThan(60);
  });
});

describe('the progress of one secret in a pipe', () => {
  it.each(['status', 'doctor', 'history', 'rotate', 'repair'])(
    'has lines of one form, each with its event: %s',
    async (command) => {
      orders.store.storeByHand('orders-v2', documentOf(NEW_PASSWORD));

      const { err } = await fixture.run([command, 'orders', ...(command === 'repair' ? ['--yes'] : [])]);

      const lines = err.trimEnd().split('\n');
      expect(lines.filter((line) => !/^› orders: \S/.test(line))).toEqual([]);
      expect(lines.length).toBeGreaterThan(command === 'repair' ? 2 : 0);
    },
  );
});

describe('the mark of a task', () => {
  it.each([
    ['status', 'orders'],
    ['status', '--all'],
    ['repair', 'orders', '--yes'],
    ['init', 'orders', '--yes'],
  ])('is green only after success: %s', async (...args) => {
    fixture.aws.environment['ROTATED_SECRETS'] = '*';
    const healthy = await fixture.run(args, { isTTY: true });
    fixture.cluster.reachable = false;
    const broken = await fixture.run(args, { isTTY: true });

    expect(healthy.code).toBe(0);
    expect(stripVTControlCharacters(healthy.err)).toContain('✔');
    expect(broken.code).not.toBe(0);
    expect(stripVTControlCharacters(broken.err)).not.toMatch(/✔ (?!search)/);
  });
});
