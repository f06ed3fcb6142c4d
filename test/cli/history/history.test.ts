import { beforeEach, describe, expect, it } from 'vitest';
import { readHistory } from '../../../cli/history/read-history.ts';
import { AWSPENDING } from '../../../protocol/secret/versions.ts';
import { DAY_MS } from '../support/audit-of.ts';
import { fixture, orders, PRINCIPAL, record, rotateOrders, useOrders } from '../support/orders-fixture.ts';
import { replace } from '../support/replace.ts';
import { createFakeRotation } from '../support/rotations.ts';

useOrders();

beforeEach(() => {
  orders.store.date = () => fixture.clock.now();
  fixture.clock.advance(100 * DAY_MS);
});

async function rotations() {
  const { document } = await fixture.runJson('history', 'orders');
  return document.rotations;
}

describe('history', () => {
  it('tells a rotation with its duration from the log, and who started it from CloudTrail', async () => {
    const token = await rotateByPerson();

    expect(await rotations()).toEqual([
      {
        kind: 'rotation',
        versionId: token,
        outcome: 'succeeded',
        startedAt: '2026-06-09T12:00:00.100Z',
        endedAt: '2026-06-09T12:00:03.700Z',
        durationMs: 3600,
        trigger: PRINCIPAL,
        failures: [],
        createdKey: null,
        deletedKeys: [],
        sources: ['log', 'cloudtrail', 'versions'],
      },
    ]);
  });

  it('names the schedule if CloudTrail has a start without a call', async () => {
    record('RotationStarted');
    await rotateOrders('succeeds');

    expect(await rotations()).toMatchObject([{ trigger: 'schedule' }]);
  });

  it('does not name the schedule if CloudTrail has no start', async () => {
    await rotateOrders('succeeds');
    expect(await rotations()).toMatchObject([{ trigger: null, outcome: 'succeeded' }]);

    fixture.clock.advance(DAY_MS);
    record('RotationSucceeded');
    expect((await rotations())[1]).toMatchObject({ trigger: null, outcome: 'succeeded', durationMs: null });
  });

  it('tells a failed rotation that begins within two minutes after a test of the schedule', async () => {
    testSchedule();
    fixture.clock.advance(60_000);
    record('RotationStarted');
    fixture.clock.advance(300_000);
    record('RotationFailed');

    expect(await rotations()).toMatchObject([
      { kind: 'test', outcome: 'succeeded' },
      { kind: 'rotation', outcome: 'failed', trigger: 'schedule', sources: ['cloudtrail'] },
    ]);
  });

  it('tells who changed the schedule, before its test', async () => {
    record('RotateSecret');
    testSchedule();

    expect(await rotations()).toMatchObject([{ kind: 'test', outcome: 'succeeded', trigger: PRINCIPAL }]);
  });

  it('gives no success to a rotation that starts in the second in which another one succeeds', async () => {
    const start = (versionId: string): void => {
      record('RotateSecret', versionId);
      record('RotationStarted');
    };
    start('first');
    fixture.clock.advance(4000);
    record('RotationSucceeded');
    start('second');

    expect(await rotations()).toMatchObject([
      { versionId: 'first', outcome: 'succeeded', durationMs: 4000 },
      { versionId: 'second', outcome: null },
    ]);
  });

  it('tells the success of a rotation that starts in the second in which it ends', async () => {
    record('RotateSecret', 'first');
    fixture.clock.advance(1000);
    record('RotationSucceeded');
    record('RotationStarted');
    fixture.clock.advance(60_000);
    record('RotationSucceeded');
    record('RotateSecret', 'second');

    expect(await rotations()).toMatchObject([
      { versionId: 'first', outcome: 'succeeded' },
      { versionId: 'second', outcome: 'succeeded' },
    ]);
  });

  it('looks up no further kind of event after Ctrl-C', async () => {
    replace(fixture.aws, 'readEvents', (readEvents) => async (...args) => {
      fixture.interruption.abort();
      return await readEvents(...args);
    });

    expect((await fixture.run(['history', 'orders'])).code).toBe(130);
    expect(fixture.aws.calls.filter((call) => call.startsWith('LookupEvents'))).toHaveLength(1);
  });

  it('tells the failure of a rotation in its first second, after a rotation that nobody saw end', async () => {
    record('RotationStarted');
    fixture.clock.advance(86_400_000);
    record('RotationStarted');
    record('RotationFailed');

    expect(await rotations()).toMatchObject([{ outcome: null }, { outcome: 'failed', durationMs: 0 }]);
  });

  it('dates a rotation by its first line if the period has neither its start nor its end', async () => {
    await rotateOrders('fails');
    const { lines } = orders;
    const started = lines.findIndex(({ step, event }) => step === 'setSecret' && event === 'step-started');
    lines.splice(started + 1);
    lines.splice(0, started);
    fixture.aws.failing.set('list', 'access-denied');

    expect(await rotations()).toMatchObject([{ outcome: 'running', startedAt: '2026-06-09T12:00:00.300Z' }]);
  });

  it('tells the step, the code and the message of a failure', async () => {
    await rotateOrders('fails');

    const [rotation] = await rotations();
    expect(rotation).toMatchObject({ outcome: 'failed', sources: ['log', 'versions'] });
    expect(rotation.failures).toMatchObject([{ step: 'setSecret', code: 'CLUSTER_UNREACHABLE' }]);
    expect((await fixture.run(['history', 'orders'])).out).toMatch(
      /^ {2}failed +2026-06-09 12:00:00 UTC, 300 ms, .*\n {2}failure +2026-06-09 12:00:00 UTC, setSecret, CLUSTER_UNREACHABLE: /m,
    );
  });

  it('tells a rotation that only CloudTrail knows, with the version that was stored meanwhile', async () => {
    record('RotationStarted');
    fixture.clock.advance(2000);
    orders.store.storeByHand('v2', '{}');
    fixture.clock.advance(2000);
    record('RotationSucceeded');

    expect(await rotations()).toMatchObject([
      {
        kind: 'rotation',
        versionId: 'v2',
        outcome: 'succeeded',
        durationMs: 4000,
        sources: ['cloudtrail', 'versions'],
      },
    ]);
  });

  it('shows a version that only its date tells about', async () => {
    orders.store.storeByHand('by-hand', '{}');

    expect(await rotations()).toMatchObject([{ kind: 'version', versionId: 'by-hand', outcome: null }]);
  });

  it('tells an abandoned rotation, although the log ends with a failure', async () => {
    record('RotationStarted');
    await rotateOrders('fails');
    record('RotationAbandoned');

    expect(await rotations()).toMatchObject([{ outcome: 'abandoned', sources: ['log', 'cloudtrail', 'versions'] }]);
  });

  it('tells that a rotation is running', async () => {
    orders.rotate = (rotation) => rotation.at(100, () => rotation.log('step-started', 'createSecret'));
    fixture.aws.startBySchedule('orders', 'running-token');
    await fixture.clock.sleep(1000, new AbortController().signal);

    expect(orders.store.holder(AWSPENDING)).toBe('running-token');
    expect(await rotations()).toMatchObject([{ outcome: 'running', sources: ['log', 'labels'] }]);
  });

  it('counts rotations, tests of a schedule and stored values apart', async () => {
    await rotateOrders('succeeds');
    orders.store.storeByHand('by-hand', '{}');
    testSchedule();

    const found: { kind: string; versionId: string }[] = await rotations();

    expect(found.find(({ kind }) => kind === 'test')).toMatchObject({ versionId: 'test', outcome: 'succeeded' });
    const { out } = await fixture.run(['history', 'orders']);
    expect(out).toContain('orders: 1 rotation, 1 test and 1 stored value from');
  });

  it('shows the period that is asked for', async () => {
    await rotateOrders('succeeds');
    fixture.clock.advance(40 * DAY_MS);
    const second = await rotateOrders('fails');

    const { document } = await fixture.runJson('history', 'orders', '--since', '30d');
    expect(document.rotations).toMatchObject([{ versionId: second }]);
    const period = ['--since', '2026-06-01', '--until', '2026-06-09'];
    const { document: older } = await fixture.runJson('history', 'orders', ...period);
    expect(older.rotations).toMatchObject([{ outcome: 'succeeded' }]);
    expect(older.until).toBe('2026-06-09T23:59:59.999Z');
  });
});

describe('history without a permission', () => {
  it.each([
    ['LookupEvents', 'cloudtrail', 'cloudtrail:LookupEvents', ['log', 'versions']],
    ['list', 'versions', 'secretsmanager:ListSecretVersionIds', ['log', 'cloudtrail']],
  ])('for %s names the permission, and uses the other sources', async (action, source, permission, read) => {
    await rotateByPerson();
    fixture.aws.failing.set(action, 'access-denied');

    const { code, document } = await fixture.runJson('history', 'orders');

    expect(code).toBe(0);
    expect(document.rotations).toHaveLength(1);
    expect(document.sourcesRead.toSorted()).toEqual(read.toSorted());
    expect(document.notes).toMatchObject([{ source, message: expect.stringContaining(permission) }]);
  });

  it('for the log uses CloudTrail and the versions', async () => {
    record('RotationStarted');
    await rotateOrders('succeeds');
    record('RotationSucceeded');
    orders.logError = 'access-denied';

    const { document } = await fixture.runJson('history', 'orders');

    expect(document.rotations).toMatchObject([{ kind: 'rotation', outcome: 'succeeded', trigger: 'schedule' }]);
    expect(document.notes[0].message).toContain('logs:FilterLogEvents');
  });

  it('for a log group that does not exist leads to status, which knows whether the function exists', async () => {
    orders.logError = 'not-found';

    const { document } = await fixture.runJson('history', 'orders');

    const [{ source, message }] = document.notes;
    expect(source).toBe('log');
    expect(message).toMatch(/`zilliz-rotation status --rotated-by arn:aws:lambda:\S+:zilliz-rotation`/);
  });

  it('for a throttled log names no option, because history has none for its speed', async () => {
    orders.logError = 'throttled';

    const { document } = await fixture.runJson('history', 'orders');

    expect(document.notes).toMatchObject([{ source: 'log', message: expect.not.stringContaining('--') }]);
  });

  it('in another account is read with the credentials of a secret there', async () => {
    await rotateOrders('fails');
    const here = { secret: await fixture.aws.rotation.describeSecret('orders'), aws: fixture.aws };
    const secret = { ...here.secret, arn: here.secret.arn.replace('000000000000', '111111111111') };
    const store = () => fixture.aws.store(here.secret.arn);
    const there = { secret, aws: { ...fixture.aws, store, readSteps: async () => [] } };
    const period = { since: fixture.clock.now() - DAY_MS, until: fixture.clock.now() };
    const ports = { clock: fixture.clock, interrupted: new AbortController().signal };

    const { rotations } = await readHistory([here, there], period, ports, () => undefined);

    expect(rotations.get(here.secret.arn)).toMatchObject([{ failures: [{ code: 'CLUSTER_UNREACHABLE' }] }]);
  });

  it('of a large fleet has more lines than a function can take as arguments', async () => {
    await rotateOrders('succeeds');
    const [line] = orders.lines;
    fixture.aws.readSteps = async () => (line === undefined ? [] : Array<typeof line>(500_000).fill(line));

    expect((await fixture.run(['history', 'orders'])).code).toBe(0);
  });

  it('for any source refuses, because an empty list would read as no rotation', async () => {
    orders.logError = 'access-denied';
    fixture.aws.failing.set('LookupEvents', 'access-denied').set('list', 'access-denied');

    expect((await fixture.run(['history', 'orders'])).code).toBe(5);
  });
});

it('history says that older starts are not known, because CloudTrail keeps 90 days', async () => {
  const { document: within } = await fixture.runJson('history', 'orders');
  const { document: beyond } = await fixture.runJson('history', 'orders', '--since', '120d');

  expect(within.notes).toEqual([]);
  expect(beyond.notes).toMatchObject([{ source: 'cloudtrail', message: expect.stringContaining('90 days') }]);
});

/** The steps of a test of the schedule, in the log. */
function testSchedule(): void {
  const { log } = createFakeRotation(orders, 'test', fixture.clock);
  log('step-started', 'testSecret');
  log('step-finished', 'testSecret');
}

async function rotateByPerson(): Promise<string> {
  record('RotateSecret');
  record('RotationStarted');
  const token = await rotateOrders('succeeds');
  record('RotationSucceeded');
  return token;
}
