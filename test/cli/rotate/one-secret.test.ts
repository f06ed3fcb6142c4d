import { expect, it } from 'vitest';
import { FIRST_ID } from '../support/command-fixture.ts';
import { fixture, orders, rotateOrders, useOrders } from '../support/orders-fixture.ts';
import { ENDPOINT } from '../support/rotations.ts';

useOrders();

it('rotate prints nothing but the result with --quiet', async () => {
  const { out, err } = await fixture.run(['rotate', 'orders', '--quiet']);

  expect(err).toBe('');
  expect(out).toContain('orders: rotated');
});

it('rotate prints one JSON document on stdout with --json and shows each step on stderr', async () => {
  const { out, err } = await fixture.run(['rotate', 'orders', '--json']);

  expect(JSON.parse(out)).toEqual({
    command: 'rotate',
    exitCode: 0,
    secrets: [
      {
        secret: 'orders',
        arn: orders.arn,
        outcome: 'rotated',
        exitCode: 0,
        versionId: FIRST_ID,
        previousVersionId: 'orders-v1',
        durationMs: expect.any(Number),
        login: { endpoint: ENDPOINT, username: 'app', apiKeyId: null, roles: [] },
        error: null,
        notes: [],
      },
    ],
  });
  expect(err).toContain('createSecret finished');
});

it('rotate continues with a note if it may not read the log of the function', async () => {
  orders.logError = 'access-denied';

  const { code, err } = await fixture.run(['rotate', 'orders']);

  expect(code).toBe(0);
  expect(err.match(/note: The function's log cannot be read/g)).toHaveLength(1);
  expect(fixture.aws.calls.filter((call) => call === 'FilterLogEvents')).toHaveLength(1);
});

it('rotate does not show a failure from before its start as if it were live', async () => {
  await rotateOrders('fails');
  fixture.clock.advance(180_000);

  const { err } = await fixture.run(['rotate', 'orders']);

  expect(err).toContain('an earlier rotation is not complete');
  expect(err).not.toContain('failed');
});
