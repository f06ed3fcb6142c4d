import { beforeEach, describe, expect, it } from 'vitest';
import { AWSPENDING, sentLabel } from '../../../secret/versions.ts';
import type { FakeSecret } from '../support/fake-aws.ts';
import { documentOf, ENDPOINT, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';
import { type Bench, createBench } from '../support/run-command.ts';

let bench: Bench;
let orders: FakeSecret;

beforeEach(() => {
  bench = createBench();
  bench.cluster.addUser('app', OLD_PASSWORD);
  orders = bench.aws.add('orders', documentOf(OLD_PASSWORD));
});

async function statusJson(...args: string[]) {
  const { code, out } = await bench.run(['status', ...args, '--json']);
  const document = JSON.parse(out);
  return { code, document, secret: document.secrets[0] };
}

describe('status', () => {
  it('shows user, rotation and versions, and exits with 0 when AWSCURRENT is in force', async () => {
    orders.lastRotatedAt = Date.parse('2026-02-20T03:00:00Z');

    const { code, out } = await bench.run(['status', 'orders']);

    expect(code).toBe(0);
    expect(out).toContain(`cluster    app at ${ENDPOINT}`);
    expect(out).toContain('in force   AWSCURRENT');
    expect(out).toContain('rotation   on, rate(30 days), by zilliz-rotation');
    expect(out).toContain('rotated    2026-02-20 03:00 UTC');
    expect(out).toContain('next       2026-03-02 12:00 UTC');
    expect(out).toMatch(/version {4}orders-v1 {2}AWSCURRENT, stored .*: accepted/);
  });

  it('prints the same as one JSON document', async () => {
    const { code, document } = await statusJson('orders');

    expect(code).toBe(0);
    expect(document).toEqual({
      command: 'status',
      exitCode: 0,
      secrets: [
        {
          secret: 'orders',
          arn: orders.arn,
          error: null,
          cluster: { endpoint: ENDPOINT, username: 'app' },
          inForce: { versionId: 'orders-v1', stage: 'current' },
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
            },
          ],
          findings: [],
          notes: [],
        },
      ],
      clashes: [],
    });
  });

  it('changes nothing', async () => {
    orders.store.startRotation('token-1');
    await orders.store.put({ versionId: 'token-1', value: documentOf(NEW_PASSWORD), labels: [AWSPENDING] });

    await bench.run(['status', 'orders']);

    expect(bench.cluster.passwordOf('app')).toBe(OLD_PASSWORD);
    expect(bench.aws.calls.filter((call) => !/^(DescribeSecret|read|list) /.test(call))).toEqual([]);
  });

  it('names the pending version when that is in force, and the way out', async () => {
    orders.store.startRotation('token-1');
    await orders.store.put({ versionId: 'token-1', value: documentOf(NEW_PASSWORD), labels: [AWSPENDING] });
    bench.cluster.setByHand('app', NEW_PASSWORD);

    const { code, out } = await bench.run(['status', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('in force   version token-1, not AWSCURRENT');
    expect(out).toContain('zilliz-rotation repair orders');
  });

  it('calls AWSCURRENT in force while AWSPENDING is a copy of it, as in the test of a new schedule', async () => {
    orders.store.startRotation('token-1');
    await orders.store.put({ versionId: 'token-1', value: documentOf(OLD_PASSWORD), labels: [AWSPENDING] });

    const { code, document, secret } = await statusJson('orders');

    expect(code).toBe(0);
    expect(secret.inForce).toEqual({ versionId: 'orders-v1', stage: 'current' });
    expect(secret.versions.map(({ login }: { login: string }) => login)).toEqual(['accepted', 'accepted']);
    expect(secret.findings).toEqual([expect.objectContaining({ severity: 'notice', code: 'rotation-incomplete' })]);
    expect(document.clashes).toEqual([]);
  });

  it('calls the version current that holds both labels, as after every rotation', async () => {
    await orders.store.addLabel({ label: AWSPENDING, to: 'orders-v1' });

    const { code, secret } = await statusJson('orders');

    expect(code).toBe(0);
    expect(secret.inForce).toEqual({ versionId: 'orders-v1', stage: 'current' });
    expect(secret.versions).toHaveLength(1);
  });

  it('finds a stranded version: first those labelled as sent, then the label-less, newest first', async () => {
    await orders.store.put({ versionId: 'sent', value: documentOf('Sent!Pass1'), labels: [sentLabel('sent')] });
    for (const [index, id] of ['lost-1', 'lost-2', 'lost-3', 'orders-v2'].entries()) {
      orders.store.storeByHand(id, documentOf(`Lost!Pass${index}`));
    }
    bench.cluster.setByHand('app', 'Lost!Pass0');

    const { code, secret } = await statusJson('orders');

    expect(code).toBe(3);
    expect(secret.inForce).toEqual({ versionId: 'lost-1', stage: 'stranded' });
    expect(bench.cluster.received.map(({ password }) => password)).toEqual([
      'Lost!Pass3',
      'Lost!Pass2',
      'Sent!Pass1',
      'Lost!Pass1',
      'Lost!Pass0',
    ]);
  });

  it('shows a few of many versions without a label, and all of them in the JSON document', async () => {
    for (let index = 1; index <= 9; index++) {
      orders.store.storeByHand(`old-${index}`, documentOf(`Old!Pass${index}`));
    }
    orders.store.storeByHand('orders-v2', documentOf(OLD_PASSWORD));

    const { out } = await bench.run(['status', 'orders']);

    expect(out.match(/^ {2}version /gm)).toHaveLength(7);
    expect(out).toContain('and 4 older ones without a label');
    expect((await statusJson('orders')).secret.versions).toHaveLength(11);
  });

  it('tries a password once that several versions hold', async () => {
    for (const id of ['same-1', 'same-2', 'same-3']) {
      orders.store.storeByHand(id, documentOf('Same!Pass1'));
    }
    bench.cluster.setByHand('app', 'Unknown!1');

    const { secret } = await statusJson('orders');

    expect(bench.cluster.received.map(({ password }) => password)).toEqual(['Same!Pass1', OLD_PASSWORD]);
    expect(secret.versions.map(({ login }: { login: string }) => login)).toEqual(Array(4).fill('rejected'));
  });

  it('says that none of the stored versions is in force', async () => {
    bench.cluster.setByHand('app', 'Unknown!1');

    const { code, out } = await bench.run(['status', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('in force   none of the stored versions');
    expect(out).toContain('The cluster rejects every stored password');
    expect(out).toContain('zilliz-rotation repair orders --admin-secret ADMIN-SECRET');
  });

  it('says so when there were more stored versions than it tries', async () => {
    for (let index = 1; index <= 105; index++) {
      orders.store.storeByHand(`old-${index}`, documentOf(`Old!Pass${index}`));
    }
    bench.cluster.setByHand('app', 'Unknown!1');

    const { code, out } = await bench.run(['status', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('in force   none of the versions tried');
    expect(out).toContain(
      'rejects every stored password that was tried (the oldest 4 of 106 versions were not) of app',
    );
    const repair = await bench.run(['repair', 'orders', '--yes']);
    expect(repair.out).toContain('(the oldest 4 of 106 versions were not) of app: it is an older one, or');
  });

  it('claims nothing of versions that it could not list', async () => {
    bench.cluster.setByHand('app', 'Unknown!1');
    bench.aws.failing.set('list', 'access-denied');

    const { out } = await bench.run(['status', 'orders']);

    expect(out).toContain('in force   none of the versions tried');
    expect(out).toContain('rejects every labelled password (those without a label could not be listed)');
  });

  it('sends no password of a version that names another host or user', async () => {
    orders.store.storeByHand('old', documentOf('Foreign!1', { endpoint: 'https://in01-x.zillizcloud.com' }));
    orders.store.storeByHand('older', documentOf('Foreign!2', { username: 'other', token: 'other:Foreign!2' }));
    orders.store.storeByHand('orders-v2', documentOf('NotInForce!1'));
    bench.cluster.setByHand('app', 'Unknown!1');

    const { secret } = await statusJson('orders');

    expect(bench.cluster.received.map(({ password }) => password)).not.toContain('Foreign!1');
    expect(bench.cluster.received.map(({ password }) => password)).not.toContain('Foreign!2');
    expect(secret.versions.find(({ versionId }: { versionId: string }) => versionId === 'older')).toMatchObject({
      login: 'skipped',
      why: 'it is for another host or user',
    });
  });

  it('tells unreachable from rejected, and exits with 7', async () => {
    bench.cluster.reachable = false;

    const { code, out } = await bench.run(['status', 'orders']);

    expect(code).toBe(7);
    expect(out).toContain('in force   not known');
    expect(out).toContain('unreachable');
  });

  it('says that a host is not allowed, and asks it nothing', async () => {
    orders.store.storeByHand('orders-v2', documentOf(OLD_PASSWORD, { endpoint: 'https://milvus.example.com' }));

    const { code, out } = await bench.run(['status', 'orders']);

    expect(code).toBe(7);
    expect(out).toContain('milvus.example.com is not an allowed endpoint');
    expect(bench.cluster.received).toEqual([]);
  });

  it('says that AWSCURRENT is no credential, and quotes nothing of it', async () => {
    orders.store.storeByHand('orders-v2', '{"pass": "Broken!Secret1"');

    const { code, out } = await bench.run(['status', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('AWSCURRENT is no credential');
    expect(out).not.toContain('Broken');
  });

  it('notices that authorization is switched off, since every login then passes', async () => {
    bench.cluster.authorization = false;

    const { code, out } = await bench.run(['status', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('(authorization-off)');
  });

  it('reports an overdue rotation', async () => {
    orders.nextRotationAt = bench.clock.now() - 1;

    const { code, out, secret } = { ...(await bench.run(['status', 'orders'])), ...(await statusJson('orders')) };

    expect(code).toBe(3);
    expect(out).toContain('OVERDUE');
    expect(secret.rotation.overdue).toBe(true);
  });

  it('mentions a rotation that is under way, and exits with 0 as long as AWSCURRENT is in force', async () => {
    orders.store.startRotation('token-1');

    const { code, out } = await bench.run(['status', 'orders']);

    expect(code).toBe(0);
    expect(out).toContain('(rotation-incomplete)');
    expect(out).toContain('token-1  AWSPENDING: skipped, it is empty or gone');
  });

  it('calls a cancelled rotation that left AWSPENDING a problem', async () => {
    orders.store.startRotation('token-1');
    orders.store.rotationEnabled = false;

    const { code, out } = await bench.run(['status', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('rotation   off, by zilliz-rotation before');
    expect(out).toContain('(rotation-cancelled)');
  });

  it('goes on with labelled versions when it may not list the others', async () => {
    bench.aws.failing.set('list', 'access-denied');

    const { code, out } = await bench.run(['status', 'orders']);

    expect(code).toBe(0);
    expect(out).toContain('note       Versions without a label could not be listed');
  });

  it('exits with 5 for a secret that it may not look at, and still shows the others', async () => {
    const { code, out } = await bench.run(['status', 'nobody', 'orders']);

    expect(code).toBe(5);
    expect(out).toContain('nobody: cannot be examined (not-found)');
    expect(out).toContain('in force   AWSCURRENT');
  });

  it('names the clash when two secrets hold the same user of the same cluster', async () => {
    bench.aws.add('orders-copy', documentOf(OLD_PASSWORD));
    bench.cluster.addUser('search', OLD_PASSWORD);
    bench.aws.add('search', documentOf(OLD_PASSWORD, { username: 'search', token: `search:${OLD_PASSWORD}` }));

    const { code, document } = await statusJson('orders', 'search', 'orders-copy');

    expect(code).toBe(3);
    expect(document.clashes).toEqual([{ endpoint: ENDPOINT, username: 'app', secrets: ['orders', 'orders-copy'] }]);
    expect((await bench.run(['status', 'orders', 'orders-copy'])).out).toContain('clash: orders, orders-copy');
  });

  it('sees no clash in one secret that is named twice, by name and by ARN', async () => {
    expect((await statusJson('orders', orders.arn)).document.clashes).toEqual([]);
  });

  it('looks at every secret that a function rotates', async () => {
    bench.aws.add('invoices', documentOf(OLD_PASSWORD));
    bench.aws.add('theirs', documentOf(OLD_PASSWORD), { rotationFunctionArn: undefined });

    const { document } = await statusJson('--rotated-by', 'zilliz-rotation');

    expect(document.secrets.map(({ secret }: { secret: string }) => secret)).toEqual([
      orders.arn,
      bench.aws.secrets.get('invoices')?.arn,
    ]);
  });

  it('exits with 5 when it may not list secrets, and with 2 when there is nothing to look at', async () => {
    expect((await bench.run(['status', '--rotated-by', 'other'])).code).toBe(2);
    bench.aws.failing.set('ListSecrets', 'access-denied');
    expect((await bench.run(['status', '--rotated-by', 'other'])).code).toBe(5);
    expect((await bench.run(['status'])).code).toBe(2);
  });

  it('exits with 130 when interrupted', async () => {
    bench.interruption.abort();

    expect((await bench.run(['status', 'orders'])).code).toBe(130);
  });
});
