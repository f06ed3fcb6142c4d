import { beforeEach, describe, expect, it } from 'vitest';
import { createFixture, type Fixture } from '../support/command-fixture.ts';
import type { FakeRotation, FakeSecret } from '../support/fake-aws.ts';
import { interruptAt } from '../support/interrupted-calls.ts';
import {
  attemptAndFail,
  attemptSuccessfully,
  documentOf,
  ENDPOINT,
  NEW_PASSWORD,
  OLD_PASSWORD,
  UNREACHABLE,
} from '../support/rotations.ts';

let fixture: Fixture;
let secret: FakeSecret;

beforeEach(() => {
  fixture = createFixture();
  fixture.aws.environment['ROTATED_SECRETS'] = 'orders';
  secret = fixture.aws.add('orders', documentOf(OLD_PASSWORD));
});

/**
 * Runs the action some time after the command has begun to watch. The clock moves while the code
 * of the command is loaded, so a time from the start of the test would be too early.
 */
function whileWatching(milliseconds: number, action: () => void): void {
  let calls = 0;
  interruptAt(fixture, Number.NaN, 'fails before', () => {
    if (++calls === 1) {
      fixture.clock.after(milliseconds, action);
    }
  });
}

/** Starts a rotation while the command watches. */
function rotateAfter(milliseconds: number, rotate: (rotation: FakeRotation) => void, name = 'orders'): void {
  fixture.aws.secret(name).rotate = rotate;
  whileWatching(milliseconds, () => void fixture.aws.startBySchedule(name, `token-of-${name}`));
}

function succeed(rotation: FakeRotation): void {
  attemptSuccessfully(rotation, fixture.cluster, documentOf(NEW_PASSWORD), 0);
}

async function events(...args: string[]) {
  const { code, out, err } = await fixture.run(['watch', '--json', ...args]);
  return {
    code,
    err,
    events: out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  };
}

function names(watched: { events: { event: string; step: string | null }[] }): string[] {
  return watched.events.map(({ event, step }) => (step === null ? event : `${event} ${step}`));
}

const SUCCESS = [
  'started',
  'step-finished createSecret',
  'step-finished setSecret',
  'step-finished testSecret',
  'step-finished finishSecret',
  'succeeded',
];

describe('watch', () => {
  it('prints each event of a rotation once, as one JSON line', async () => {
    rotateAfter(7000, succeed);

    const watched = await events('orders', '--for', '60s');

    expect(watched.code).toBe(0);
    expect(names(watched)).toEqual(SUCCESS);
    expect(watched.events.at(-1)).toEqual({
      event: 'succeeded',
      at: expect.stringMatching(/^2026-03-01T12:00:/),
      secret: 'orders',
      arn: secret.arn,
      versionId: 'token-of-orders',
      step: null,
      durationMs: 3600,
      code: null,
      message: null,
      source: 'log',
    });
  });

  it('prints a line for people', async () => {
    rotateAfter(1000, (rotation) => attemptAndFail(rotation, UNREACHABLE));

    const { out } = await fixture.run(['watch', 'orders', '--for', '10s']);

    expect(out).toMatch(/^2026-03-01 12:00:\d\d UTC {2}orders: rotation started, version token-of-orders$/m);
    expect(out).toContain('UTC  orders: setSecret FAILED with CLUSTER_UNREACHABLE: ');
  });

  it('exits with 3 if a rotation failed, and with 0 if its next attempt succeeded', async () => {
    rotateAfter(1000, (rotation) => attemptAndFail(rotation, UNREACHABLE));
    expect((await events('orders', '--for', '30s')).code).toBe(3);

    const other = fixture.aws.add('billing', documentOf(OLD_PASSWORD));
    rotateAfter(
      1000,
      (rotation) => {
        attemptAndFail(rotation, UNREACHABLE);
        attemptSuccessfully(rotation, fixture.cluster, documentOf(NEW_PASSWORD), 10_000);
      },
      other.name,
    );
    const watched = await events('billing', '--for', '60s');
    expect(names(watched)).toContain('failed setSecret');
    expect(names(watched).at(-1)).toBe('succeeded');
    expect(watched.code).toBe(0);
  });

  it('watches every secret of the product without names, also more than it describes one by one', async () => {
    for (let index = 0; index < 25; index += 1) {
      fixture.aws.add(`more-${index}`, documentOf(OLD_PASSWORD));
    }
    rotateAfter(1000, succeed, 'more-24');

    const watched = await events('--for', '20s');

    expect(names(watched)).toEqual(SUCCESS);
    expect(watched.err).toContain('Watching 26 secrets.');
    expect(fixture.aws.calls.filter((call) => call.startsWith('DescribeSecret'))).toEqual([]);
  });

  it('reads each secret and each log at most once in an interval', async () => {
    await events('orders', '--for', '50s', '--interval', '10s');

    const count = (action: string) => fixture.aws.calls.filter((call) => call.startsWith(action)).length;
    expect([count('DescribeSecret'), count('FilterLogEvents')]).toEqual([6, 6]);
  });

  it('takes --endpoint as a condition, also beside a name, and no option for logins', async () => {
    const here = await fixture.run(['watch', 'orders', '--endpoint', ENDPOINT, '--until-idle']);
    expect([here.code, here.err]).toEqual([0, expect.stringContaining('Watching 1 secret.')]);

    const elsewhere = await fixture.run([
      'watch',
      'orders',
      '--endpoint',
      'https://other.zillizcloud.com',
      '--until-idle',
    ]);
    expect(elsewhere.err).toContain('orders: skipped. It belongs to another cluster');

    expect((await fixture.run(['watch', 'orders', '--transport', 'rest'])).err).toContain(
      "unknown option '--transport'",
    );
  });

  it.each(['not-found', 'access-denied'] as const)(
    'ends with 5 if it does not watch a secret, because the answer about its function is %s',
    async (answer) => {
      fixture.aws.failing.set('GetFunctionConfiguration', answer);

      const { code, err } = await fixture.run(['watch', '--until-idle']);

      expect(code).toBe(5);
      expect(err).toContain('Watching 0 secrets.');
    },
  );

  it('ends at Ctrl-C with 130', async () => {
    whileWatching(12_000, () => fixture.interruption.abort());

    expect((await events('orders')).code).toBe(130);
  });

  it('continues while AWS throttles', async () => {
    rotateAfter(1000, succeed);
    whileWatching(6000, () => void fixture.aws.failing.set('DescribeSecret', 'throttled'));
    whileWatching(20_000, () => void fixture.aws.failing.delete('DescribeSecret'));

    expect(names(await events('orders', '--for', '40s'))).toEqual(SUCCESS);
  });
});

describe('watch --until-idle', () => {
  it('ends at once if no rotation runs', async () => {
    expect(await events('orders', '--until-idle')).toMatchObject({ code: 0, events: [] });
  });

  it('ends when the running rotation has succeeded', async () => {
    secret.rotate = succeed;
    fixture.aws.startBySchedule('orders', 'token');

    const watched = await events('orders', '--until-idle', '--interval', '1s');

    expect(watched.code).toBe(0);
    expect(names(watched)[0]).toBe('running');
    expect(names(watched).at(-1)).toBe('succeeded');
  });

  it('does not wait for the next attempt of a rotation that failed before', async () => {
    secret.rotate = (rotation) => attemptAndFail(rotation, UNREACHABLE);
    fixture.aws.startBySchedule('orders', 'token');
    await fixture.clock.sleep(60_000, new AbortController().signal);

    const watched = await events('orders', '--until-idle');

    expect(names(watched)).toEqual(['waiting']);
    expect(watched.code).toBe(3);
  });
});

describe('watch without the log', () => {
  beforeEach(() => {
    secret.logError = 'access-denied';
  });

  it('tells start and success from the labels, and names the permission', async () => {
    rotateAfter(1000, (rotation) => {
      rotation.at(100, () => rotation.put(documentOf(NEW_PASSWORD)));
      rotation.at(9000, () => rotation.promote());
    });

    const watched = await events('orders', '--for', '30s');

    expect(watched.events).toMatchObject([
      { event: 'started', source: 'labels' },
      { event: 'succeeded', source: 'labels' },
    ]);
    expect(watched.err.match(/logs:FilterLogEvents/g)).toHaveLength(1);
  });

  it('tells a change between two looks without saying who made it', async () => {
    whileWatching(7000, () => secret.store.storeByHand('by-hand', documentOf(NEW_PASSWORD)));

    expect(names(await events('orders', '--for', '20s'))).toEqual(['changed']);
  });

  it('tells that a rotation stopped without success', async () => {
    rotateAfter(1000, () => undefined);
    whileWatching(12_000, () => secret.store.removePendingByHand());

    expect(names(await events('orders', '--for', '20s'))).toEqual(['started', 'stopped']);
  });
});
