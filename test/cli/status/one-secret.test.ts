import { beforeEach, describe, expect, it } from 'vitest';
import { OFF_ON_PURPOSE } from '../../../protocol/secret/rotated-secrets.ts';
import { fixture, orders, rotateOrders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

describe('status', () => {
  it('prints user, rotation and versions, and exits with 0 if AWSCURRENT is accepted', async () => {
    orders.store.lastRotatedAt = Date.parse('2026-02-20T03:00:00Z');

    const { code, out } = await fixture.run(['status', 'orders']);

    expect(code).toBe(0);
    expect(out).toMatch(/^orders: ok\n/);
    expect(out).toContain(`cluster    app at ${ENDPOINT}`);
    expect(out).toContain('accepted   AWSCURRENT');
    expect(out).toContain('next       2026-03-02T12:00:00.000Z');
    expect(out).toMatch(/version {4}orders-v1 {2}AWSCURRENT, stored .*: accepted/);
  });

  it.each(['rotate', 'repair', 'history', 'doctor'])('shows the account and the region in %s', async (command) => {
    const place = 'account 000000000000, us-east-1';
    const missing = await fixture.run([command, 'nobody']);
    expect(`${missing.out}${missing.err}`).toContain(place);
    fixture.aws.failing.set('GetCallerIdentity', 'unreachable');
    expect((await fixture.run([command, 'nobody'])).code).toBe(missing.code);
  });

  it('prints one JSON document with --json', async () => {
    const { code, document } = await fixture.runJson('status', 'orders');

    expect(code).toBe(0);
    expect(document).toEqual({
      command: 'status',
      exitCode: 0,
      secrets: [
        {
          secret: 'orders',
          arn: orders.arn,
          error: null,
          cluster: { endpoint: ENDPOINT, username: 'app', apiKeyId: null },
          inForce: { versionId: 'orders-v1', stage: 'current' },
          strategy: {
            name: 'single-user',
            source: 'function',
            users: [],
            other: null,
          },
          keys: null,
          rotation: {
            enabled: true,
            functionArn: orders.rotationFunctionArn,
            schedule: 'rate(30 days)',
            lastRotatedAt: null,
            nextRotationAt: '2026-03-02T12:00:00.000Z',
            overdue: false,
          },
          versions: [
            {
              versionId: 'orders-v1',
              labels: ['AWSCURRENT'],
              createdAt: expect.any(String),
              login: 'accepted',
              why: null,
              apiKeyId: null,
            },
          ],
          findings: [],
          notes: [],
        },
      ],
      skipped: [],
      unsearched: [],
    });
  });

  it('prints five versions without a label, and all versions in the JSON document', async () => {
    for (let index = 1; index <= 9; index++) {
      orders.store.storeByHand(`old-${index}`, documentOf(`Old!Pass${index}`));
    }
    orders.store.storeByHand('orders-v2', documentOf(OLD_PASSWORD));

    const { out } = await fixture.run(['status', 'orders']);

    expect(out.match(/^ {2}version /gm)).toHaveLength(7);
    expect(out).toContain('4 older');
    expect((await fixture.runJson('status', 'orders')).document.secrets[0].versions).toHaveLength(11);
  });

  it('reads other secrets only if no stored password is accepted', async () => {
    fixture.aws.add('copy', documentOf(NEW_PASSWORD));
    await fixture.run(['status', 'orders']);
    expect(fixture.aws.calls).not.toContain('ListSecrets');
  });
});

describe('status --fail-on', () => {
  it('fails for a notice that it names, and for no other finding', async () => {
    orders.store.rotationEnabled = false;

    expect((await fixture.run(['status', 'orders', '--fail-on', 'rotation-off'])).code).toBe(3);
    expect((await fixture.run(['status', 'orders', '--fail-on', 'overdue,KEY_QUOTA'])).code).toBe(0);
  });

  it('refuses a code that no finding has, because a misspelt code would never fail', async () => {
    const { code, err } = await fixture.run(['status', 'orders', '--fail-on', 'overdue,rotation_off']);

    expect(code).toBe(2);
    expect(err).toContain('rotation_off');
  });
});

describe('status of a secret whose value is denied', () => {
  beforeEach(() => {
    fixture.aws.failing.set('read', 'access-denied');
  });

  it('reports what DescribeSecret shows, beside the error', async () => {
    orders.nextRotationAt = fixture.clock.now() - 1;

    const { code, document } = await fixture.runJson('status', 'orders');

    expect(code).toBe(3);
    expect(document.secrets).toMatchObject([
      {
        arn: orders.arn,
        error: { message: expect.stringContaining('access-denied') },
        findings: [{ code: 'overdue' }],
      },
    ]);
  });

  it('begins with the problem, which may be the cause of the error', async () => {
    Object.assign(orders, { deletedAt: 1 });

    const { out } = await fixture.run(['status', 'orders']);

    expect(out).toMatch(/^orders: urgent \(marked-for-deletion, access-denied\)\n {2}problem /);
  });

  it('exits with 5 beside a notice', async () => {
    Object.assign(orders.store.tags, { [OFF_ON_PURPOSE.key]: OFF_ON_PURPOSE.value });
    orders.store.rotationEnabled = false;

    expect((await fixture.run(['status', 'orders'])).code).toBe(5);
  });
});

describe('the last failed attempt', () => {
  beforeEach(async () => {
    await rotateOrders('fails');
  });

  it('is not shown after a rotation that succeeded, although the log does not show it yet', async () => {
    await fixture.run(['repair', 'orders', '--yes']);
    const { length } = orders.lines;
    await rotateOrders('succeeds');
    orders.lines.splice(length);

    expect((await fixture.runJson('status', 'orders')).document.secrets[0].findings).toEqual([]);
  });

  it('is not known if the log cannot be read, and a note says so', async () => {
    orders.logError = 'access-denied';

    const { code, document } = await fixture.runJson('status', 'orders');

    expect([code, document.secrets[0].notes.length]).toEqual([0, 1]);
  });

  it.each(['status', 'doctor'])('is read by %s of one secret without the lines of the others', async (command) => {
    const { readSteps } = fixture.aws;
    const about: unknown[] = [];
    fixture.aws.readSteps = async (functionArn, period, wanted) => {
      about.push(wanted);
      return await readSteps(functionArn, period, wanted);
    };

    const { out } = await fixture.run([command, 'orders']);

    expect(about[0]).toEqual({ secretArn: orders.arn });
    expect(out).toContain('rotation-failed');
  });

  it('is read once for all secrets of a function', async () => {
    await fixture.run(['status', 'orders', 'orders', orders.arn]);

    expect(fixture.aws.calls.filter((call) => call === 'FilterLogEvents')).toHaveLength(1);
  });
});
