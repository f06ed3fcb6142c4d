import { beforeEach, describe, expect, it } from 'vitest';
import { secretRows } from '../../../cli/report/rows.ts';
import { auditOf, DAY_MS, rotation } from '../support/audit-of.ts';
import { fixture, orders, rotateOrders, useOrders } from '../support/orders-fixture.ts';
import { documentOf, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

beforeEach(() => {
  orders.store.date = () => fixture.clock.now();
  fixture.aws.environment['ROTATED_SECRETS'] = 'orders';
  orders.store.tags['team'] = 'search';
});

const report = (...args: string[]) => fixture.runJson('report', ...args);

describe('report', () => {
  it('lists every secret of the product with owner, policy, age and rotations', async () => {
    orders.window = '3h';
    const token = await rotateOrders('succeeds');
    orders.store.lastRotatedAt = fixture.clock.now();
    fixture.clock.advance(10 * DAY_MS);
    orders.nextRotationAt = fixture.clock.now() + 20 * DAY_MS;

    const { code, document } = await report();

    expect(code).toBe(0);
    expect(document.secrets).toMatchObject([
      {
        secret: 'orders',
        owners: { owner: null, team: 'search' },
        policy: { enabled: true, schedule: 'rate(30 days)', window: '3h' },
        ageMs: 10 * DAY_MS,
        allowedAgeMs: 30 * DAY_MS,
        rotations: [{ versionId: token, outcome: 'succeeded' }],
        exceptions: [],
      },
    ]);
  });

  it('takes the date of the last rotation from the sources while rotation is off', async () => {
    await rotateOrders('succeeds');
    fixture.clock.advance(5 * DAY_MS);
    Object.assign(orders.store, { rotationEnabled: false, lastRotatedAt: undefined });

    const { document } = await report();

    expect(document.secrets[0].rotatedAt).toBe('2026-03-01T12:00:03.700Z');
    expect(document.secrets[0].exceptions.map(({ code }: { code: string }) => code)).toEqual(['rotation-off']);
  });

  it('exits with 5 if a source cannot be read, because failures may be missing', async () => {
    await rotateOrders('fails');
    orders.logError = 'access-denied';

    const { code, document } = await report();

    expect(code).toBe(5);
    expect(document.notes).toMatchObject([{ source: 'log' }]);
  });

  it('lists a secret once that two names lead to', async () => {
    const { document } = await report('orders', orders.arn);

    expect(document.secrets).toHaveLength(1);
  });

  it('lists a secret that cannot be read, and exits with 5', async () => {
    const { code, document } = await report('orders', 'absent');

    expect(code).toBe(5);
    expect(document.secrets).toHaveLength(1);
    expect(document.unreadable).toMatchObject([
      { secretId: 'absent', reason: expect.stringContaining('found nothing') },
    ]);
  });

  it('writes a file, and prints its name, and apart from it how many secrets have an exception', async () => {
    const { code, out, err } = await fixture.run(['report', '--output', 'evidence.html']);

    expect({ code, out }).toEqual({ code: 0, out: 'evidence.html\n' });
    expect(err).toContain('1 reported, 1 with an exception, 0 not reported');
    expect(fixture.files.get('evidence.html')).toMatch(/^<!doctype html>/);
  });

  it('counts neither tests nor stored values as rotations of a secret', () => {
    const kinds = ['rotation', 'test', 'version'] as const;
    const rotations = kinds.map((kind, index) => ({ ...rotation('succeeded', index), kind }));

    expect(secretRows(auditOf({ rotations })).map((row) => row.get('rotations'))).toEqual([1]);
  });
});

describe('report --format csv', () => {
  it('writes a file for secrets and a file for rotations', async () => {
    await rotateOrders('fails');

    const { out } = await fixture.run(['report', '--format', 'csv', '--output', 'out/evidence.csv']);

    expect((await report()).document.secrets[0].exceptions).toContainEqual({
      reason: expect.any(String),
      code: 'failed',
      failureCode: 'CLUSTER_UNREACHABLE',
      at: expect.stringMatching(/^2026-03-01T12:0/),
    });
    expect(out).toBe('out/evidence.csv\nout/evidence-rotations.csv\n');
    const [header, row, end] = (fixture.files.get('out/evidence.csv') ?? '').split('\r\n');
    expect(header).toMatch(/^secret,arn,owners\.owner,owners\.team,policy\.enabled,/);
    expect(row).toMatch(/^orders,arn:aws:secretsmanager:[^,]+,,search,true,/);
    expect(row).toMatch(/failed .*2026-03-01 12:0/);
    expect(end).toBe('');
    const rotations = (fixture.files.get('out/evidence-rotations.csv') ?? '').split('\r\n');
    expect(rotations[0]).toMatch(/^secret,arn,kind,versionId,outcome,/);
    expect(rotations[1]).toMatch(/,rotation,f0000000-.*,failed,.*CLUSTER_UNREACHABLE .*,"log; versions"$/);
  });

  it('prints both parts without a file', async () => {
    const { out } = await fixture.run(['report', '--format', 'csv']);

    expect(out.match(/^secret,arn/gm)).toHaveLength(2);
  });

  it.each(['=HYPERLINK("http://x")', '+1', '-1', '@SUM(A1)', '\tx', '＝1'])(
    'does not let a spreadsheet run the tag %j as a formula',
    async (value) => {
      orders.store.tags['team'] = value;

      const { out } = await fixture.run(['report', '--format', 'csv']);

      expect(out).toContain(`'${value.replaceAll('"', '""')}`);
      expect(out).not.toMatch(/(^|,)"?[=+\-@\t＝]/m);
    },
  );

  it('quotes commas, quotes and line breaks', async () => {
    orders.store.tags['team'] = 'a,"b"\nc';

    expect((await fixture.run(['report', '--format', 'csv'])).out).toContain(',"a,""b""\nc",');
  });

  it('has a row for a secret that cannot be read', async () => {
    const { out } = await fixture.run(['report', 'absent', '--format', 'csv']);

    expect(out).toMatch(/^absent,,.*not-readable: DescribeSecret/m);
  });
});

it('report reads the log of a function once for many secrets', async () => {
  for (let index = 0; index < 9; index += 1) {
    fixture.aws.add(`more-${index}`, documentOf(OLD_PASSWORD));
  }

  await report();

  expect(fixture.aws.calls.filter((call) => call === 'FilterLogEvents')).toHaveLength(1);
  expect(fixture.aws.calls.filter((call) => call.startsWith('DescribeSecret'))).toEqual([]);
});
