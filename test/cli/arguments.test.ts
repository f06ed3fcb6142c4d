import { describe, expect, it } from 'vitest';
import { fixture, orders, useOrders } from './support/orders-fixture.ts';
import { OLD_PASSWORD } from './support/rotations.ts';

useOrders();

describe('the arguments of the command', () => {
  it.each([
    [[]],
    [['rotate']],
    [['turn', 'orders']],
    [['repair']],
    [['repair', 'orders', '--admin-secret', 'orders']],
    [['repair', 'orders', '--recreate-user']],
    [['repair', 'orders', '--admin-secret', 'admin', '--role', 'reader']],
    [['repair', 'orders', '--admin-secret', 'admin', '--restore-previous']],
    [['init']],
    [['init', 'orders', '--strategy', 'two']],
    [['init', 'orders', '--strategy', 'alternating-users', '--users', 'app,app_b', '--username', 'app']],
    [['init', 'orders', '--admin-secret', 'orders']],
    [['init', 'orders', '--admin-secret', 'admin', '--transport', 'rest']],
  ])('exits with 2 before any call to AWS: %j', async (args) => {
    const { code, out, err } = await fixture.run(args);

    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).not.toBe('');
    expect(fixture.aws.calls).toEqual([]);
  });

  it('prints help on stdout and exits with 0', async () => {
    const { code, out } = await fixture.run(['rotate', '--help']);

    expect(code).toBe(0);
    expect(out).toContain('--retry-wait');
  });

  it('connects with the given profile, region and private CA, and in the region of an ARN', async () => {
    fixture.files.set('ca.pem', '-----BEGIN CERTIFICATE-----');

    await fixture.run(['rotate', 'orders', '--profile', 'ops', '--region', 'us-west-2', '--ca-file', 'ca.pem']);
    await fixture.run(['rotate', orders.arn]);

    expect(fixture.connections).toEqual([
      { region: 'us-west-2', profile: 'ops' },
      { region: 'us-east-1', profile: undefined },
    ]);
    expect(fixture.clusterConnections.map(({ privateCa }) => privateCa)).toEqual([
      '-----BEGIN CERTIFICATE-----',
      undefined,
    ]);
  });

  it('exits with 1 after a fault of the command, and does not print the message of the error', async () => {
    fixture.aws.rotation.describeSecret = async () => {
      throw new TypeError(`Unexpected token in ${OLD_PASSWORD}`);
    };

    const { code, err } = await fixture.run(['rotate', 'orders']);

    expect(code).toBe(1);
    expect(err).toContain('unexpected TypeError');
    expect(err).not.toContain(OLD_PASSWORD);
  });
});
