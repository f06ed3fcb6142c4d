import { beforeEach, describe, expect, it } from 'vitest';
import {
  attemptBadly,
  attemptWell,
  documentOf,
  ENDPOINT,
  FORBIDDEN,
  goodRotation,
  NEW_PASSWORD,
  OLD_PASSWORD,
  UNREACHABLE,
} from '../support/rotations.ts';
import { type Bench, createBench } from '../support/run-command.ts';

const ESCAPE = '\u001b';
const CURSOR_UP = `${ESCAPE}[1A`;
const TOKEN = '00000000-0000-4000-8000-000000000001';

let bench: Bench;

beforeEach(() => {
  bench = createBench();
  bench.cluster.setByHand('app', OLD_PASSWORD);
  bench.aws.add('orders', documentOf(OLD_PASSWORD), { rotate: goodRotation(bench.cluster) });
});

function secret(name = 'orders') {
  const found = bench.aws.secrets.get(name);
  if (found === undefined) {
    throw new Error(`the test added no secret ${name}`);
  }
  return found;
}

describe('a rotation that succeeds', () => {
  it('exits with 0 when AWSCURRENT has moved and the new credential logs in', async () => {
    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(out).toContain(`AWSCURRENT   ${TOKEN}`);
    expect(out).toContain(`app at ${ENDPOINT} is accepted`);
    expect(code).toBe(0);
  });

  it('tells each step and how long it took, in a pipe one line an event', async () => {
    const { err } = await bench.run(['rotate', 'orders']);

    const steps = err.split('\n').filter((line) => line.includes('Secret '));
    expect(steps.at(0)).toContain('orders: createSecret');
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
      expect(err).toContain(`orders: ${step} finished in 600 ms`);
    }
    expect(err).toContain(`orders: AWSCURRENT has moved to version ${TOKEN}`);
    expect(err).not.toContain(CURSOR_UP);
  });

  it('tells the result once in a pipe, on stdout; beside JSON, in words on stderr', async () => {
    const { out, err } = await bench.run(['rotate', 'orders']);
    expect(out).toContain('orders: rotated in');
    expect(err).not.toContain('orders: rotated in');

    expect((await bench.run(['rotate', 'orders', '--json'])).err).toContain('orders: rotated in');

    secret().rotationFunctionArn = undefined;
    const refused = await bench.run(['rotate', 'orders']);
    expect(refused.out).toContain('not started (not-configured)');
    expect(refused.err).not.toContain('not-configured');
  });

  it('redraws its progress in a terminal, and leaves stdout to the result', async () => {
    const { code, out, err } = await bench.run(['rotate', 'orders'], { isTTY: true });

    expect(code).toBe(0);
    expect(err).toContain(CURSOR_UP);
    expect(err).toContain('finishSecret finished in 600 ms');
    expect(out).not.toContain(ESCAPE);
  });

  it('prints nothing but the result with --quiet', async () => {
    const { out, err } = await bench.run(['rotate', 'orders', '--quiet']);

    expect(err).toBe('');
    expect(out).toContain('orders: rotated');
  });

  it('prints one JSON document on stdout with --json and keeps progress on stderr', async () => {
    const { out, err } = await bench.run(['rotate', 'orders', '--json']);

    expect(JSON.parse(out)).toEqual({
      command: 'rotate',
      exitCode: 0,
      secrets: [
        {
          secret: 'orders',
          arn: secret().arn,
          outcome: 'rotated',
          exitCode: 0,
          versionId: TOKEN,
          previousVersionId: 'orders-v1',
          durationMs: expect.any(Number),
          login: { endpoint: ENDPOINT, username: 'app', roles: [] },
          error: null,
          steps: ['createSecret', 'setSecret', 'testSecret', 'finishSecret'].map((step) => ({
            step,
            attempt: 1,
            outcome: 'finished',
            durationMs: 600,
            errorCode: null,
          })),
          notes: [],
        },
      ],
    });
    expect(err).toContain('createSecret finished');
  });

  it('waits a while for a new password that has not reached every proxy yet', async () => {
    secret().rotate = (rotation) => {
      goodRotation(bench.cluster)(rotation);
      rotation.at(1800, () => bench.cluster.setByHand('app', OLD_PASSWORD));
      rotation.at(8000, () => bench.cluster.setByHand('app', NEW_PASSWORD));
    };

    expect((await bench.run(['rotate', 'orders'])).code).toBe(0);
  });

  it('goes on without the log of the function, with a note, when it may not be read', async () => {
    secret().logError = 'access-denied';

    const { code, err } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(0);
    expect(err.match(/note: The function's log cannot be read/g)).toHaveLength(1);
    expect(bench.aws.calls.filter((call) => call === 'FilterLogEvents')).toHaveLength(1);
  });

  it('logs in at the endpoint of the tag, or of --endpoint, for a plain user:password secret', async () => {
    secret().store.storeByHand('orders-v2', `app:${OLD_PASSWORD}`);
    secret().rotate = goodRotation(bench.cluster, `app:${NEW_PASSWORD}`);

    const { code } = await bench.run(['rotate', 'orders', '--endpoint', ENDPOINT]);

    expect(code).toBe(0);
    expect(bench.cluster.received.length).toBeGreaterThan(0);
  });
});

describe('a rotation that fails', () => {
  it('exits with 3 and says which step failed and why, in the words of the function', async () => {
    secret().rotate = (rotation) => attemptBadly(rotation, FORBIDDEN);

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('orders: failed (CHANGE_FORBIDDEN)');
    expect(out).toContain('setSecret failed: The cluster does not let app change its password.');
    expect(out).toContain('Grant the user what it needs.');
    expect(out).toContain('retryable   no');
  });

  it('lets no control character of the function into the terminal', async () => {
    secret().rotate = (rotation) =>
      attemptBadly(rotation, {
        ...FORBIDDEN,
        message: `${ESCAPE}[2Jgone`,
        advice: 'look\r\u009bup',
        inForce: '\u0007',
      });

    const { out, err } = await bench.run(['rotate', 'orders']);

    expect(out).toContain('[2Jgone');
    expect(out).toContain('look up');
    expect(out).not.toMatch(/[^\P{Cc}\n]/u);
    expect(err).toContain('setSecret failed:  [2Jgone');
    expect(err).not.toContain(`${ESCAPE}[2J`);
  });

  it('waits for the next attempt after a failure that may pass, and exits with 0 when that one succeeds', async () => {
    secret().rotate = (rotation) => {
      attemptBadly(rotation, UNREACHABLE);
      attemptWell(rotation, bench.cluster, documentOf(NEW_PASSWORD), 30_000);
    };

    const { code, err } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(0);
    expect(err).toContain('waiting up to 1 min for Secrets Manager to make it');
    expect(err).toContain('createSecret (attempt 2) finished');
  });

  it('gives up that wait after --retry-wait, and says that an attempt may still come', async () => {
    secret().rotate = (rotation) => {
      attemptBadly(rotation, UNREACHABLE);
      attemptWell(rotation, bench.cluster, documentOf(NEW_PASSWORD), 30_000);
    };

    const { code, out } = await bench.run(['rotate', 'orders', '--retry-wait', '10s', '--json']);

    expect(code).toBe(3);
    const [report] = JSON.parse(out).secrets;
    expect(report.error).toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      step: 'setSecret',
      retryable: true,
      inForce: 'current',
    });
    expect(report.error.advice).toContain('Secrets Manager attempts it again');
    expect(report.durationMs).toBeLessThan(15_000);
  });

  it('does not wait for an attempt at all with --retry-wait 0s', async () => {
    secret().rotate = (rotation) => attemptBadly(rotation, UNREACHABLE);

    const { code, out } = await bench.run(['rotate', 'orders', '--retry-wait', '0s', '--json']);

    expect(code).toBe(3);
    expect(JSON.parse(out).secrets[0].durationMs).toBeLessThan(2000);
  });

  it('notices that another value was put by hand meanwhile', async () => {
    secret().rotate = (rotation) =>
      rotation.at(1000, () => secret().store.storeByHand('by-hand', documentOf('Hand1!ed')));

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('orders: failed (abandoned)');
  });

  it('notices that AWSPENDING was taken off by hand', async () => {
    secret().rotate = (rotation) => rotation.at(1000, () => secret().store.removePendingByHand());

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('orders: failed (pending-removed)');
  });

  it('waits a moment for the log to say why, when the function itself gave the version up', async () => {
    secret().rotate = (rotation) => {
      rotation.at(1000, () => secret().store.removePendingByHand());
      rotation.at(4000, () => rotation.log('step-failed', 'setSecret', { failure: FORBIDDEN }));
    };

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('orders: failed (CHANGE_FORBIDDEN)');
  });

  it('notices that the rotation was cancelled', async () => {
    secret().rotate = (rotation) =>
      rotation.at(1000, () => {
        secret().store.rotationEnabled = false;
      });

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(3);
    expect(out).toContain('orders: failed (cancelled)');
    expect(out).toContain('zilliz-rotation repair orders');
  });
});

describe('a rotation that takes longer than this command waits', () => {
  it('exits with 4, says what was heard last, and that nothing was stopped', async () => {
    secret().rotate = (rotation) => rotation.at(100, () => rotation.log('step-started', 'createSecret'));

    const { code, out } = await bench.run(['rotate', 'orders', '--timeout', '20s']);

    expect(code).toBe(4);
    expect(out).toContain('orders: still running (timed-out)');
    expect(out).toContain('Last heard: createSecret was started; its end was not logged.');
    expect(out).toContain('zilliz-rotation status orders');
  });

  it('exits with 4 when AWS stops answering for good while it watches', async () => {
    secret().rotate = (rotation) =>
      rotation.at(1000, () => bench.aws.failing.set('DescribeSecret', 'credentials-expired'));

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(4);
    expect(out).toContain('orders: still running (credentials-expired)');
  });

  it('overlooks that AWS throttles it for a while', async () => {
    secret().rotate = (rotation) => {
      goodRotation(bench.cluster)(rotation);
      rotation.at(500, () => bench.aws.failing.set('DescribeSecret', 'throttled'));
      rotation.at(6000, () => bench.aws.failing.delete('DescribeSecret'));
    };

    expect((await bench.run(['rotate', 'orders'])).code).toBe(0);
  });
});

describe('a rotation that is not started', () => {
  it('explains that a previous rotation is incomplete, on which version, and the way out', async () => {
    secret().store.startRotation('stuck-version');

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(5);
    expect(out).toContain('orders: not started (previous-incomplete)');
    expect(out).toContain('AWSPENDING is on version stuck-version');
    expect(out).toContain('zilliz-rotation status orders');
    expect(out).toContain('zilliz-rotation repair orders');
  });

  it('waits briefly for a rotation that is under way, and then starts its own from where that one ended', async () => {
    secret().store.startRotation('of-the-schedule');
    bench.clock.after(3000, () => {
      const { store } = secret();
      bench.cluster.setByHand('app', 'Scheduled!1');
      void store.put({ versionId: 'of-the-schedule', value: documentOf('Scheduled!1'), labels: ['AWSPENDING'] });
      void store.promote({ to: 'of-the-schedule', from: 'orders-v1' });
    });

    const { code, err, out } = await bench.run(['rotate', 'orders', '--json']);

    expect(code).toBe(0);
    expect(err.match(/waiting up to 10 s for its end/g)).toHaveLength(1);
    expect(JSON.parse(out).secrets[0].previousVersionId).toBe('of-the-schedule');
  });

  it.each([
    ['has no rotation function', { rotationFunctionArn: undefined }, 'not-configured'],
    ['is marked for deletion', { deletedAt: 1 }, 'marked-for-deletion'],
    ['has a function that cannot be invoked', { rotate: notInvocable() }, 'not-invocable'],
  ])('refuses a secret that %s, and changes nothing', async (_, change, expected) => {
    Object.assign(secret(), change);

    const { code, out } = await bench.run(['rotate', 'orders', '--json']);

    expect(code).toBe(5);
    expect(JSON.parse(out).secrets[0].error.code).toBe(expected);
    expect(bench.cluster.received).toEqual([]);
  });

  it('refuses a secret whose rotation is turned off, since a start would turn its schedule on', async () => {
    secret().store.rotationEnabled = false;

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(5);
    expect(out).toContain('orders: not started (rotation-off)');
    // It looks alike from here whether rotation was cancelled or the stack is gone.
    expect(out).toContain('somebody called CancelRotateSecret, or the rotation stack was removed (cdk destroy)');
    expect(out).toContain('If the function is gone, deploy the rotation stack again');
    expect(out).toContain('If rotation was cancelled,');
    expect(out).toContain(`The function: ${secret().rotationFunctionArn}`);
    expect(bench.aws.calls).not.toContain('RotateSecret orders');
  });

  it('refuses a secret that names a host that is not allowed, since its login could not be proven', async () => {
    secret().store.storeByHand('elsewhere', documentOf(OLD_PASSWORD, { endpoint: 'https://milvus.example.com:19530' }));

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(5);
    expect(out).toContain('milvus.example.com is not an allowed endpoint');
    expect(bench.aws.calls).not.toContain('RotateSecret orders');
  });

  it('says that there is no such secret', async () => {
    const { code, out } = await bench.run(['rotate', 'nobody']);

    expect(code).toBe(5);
    expect(out).toContain('nobody: not started (not-found)');
  });

  it('says that AWS denies the call', async () => {
    bench.aws.failing.set('RotateSecret', 'access-denied');

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(5);
    expect(out).toContain('orders: not started (access-denied)');
  });

  it('follows a rotation whose start was not answered, and which has begun all the same', async () => {
    const { rotate } = bench.aws.rotation;
    bench.aws.rotation.rotate = async (secretId, token) => {
      await rotate(secretId, token);
      bench.aws.failing.set('RotateSecret', 'unreachable');
      return rotate(secretId, token);
    };

    expect((await bench.run(['rotate', 'orders'])).code).toBe(0);
  });

  it('is not started when its start was not answered and the secret knows nothing of it', async () => {
    bench.aws.failing.set('RotateSecret', 'unreachable');

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(5);
    expect(out).toContain('orders: not started (unreachable)');
  });
});

describe('a rotation whose new credential does not log in', () => {
  it('exits with 6 when the cluster rejects it', async () => {
    secret().rotate = (rotation) => {
      goodRotation(bench.cluster)(rotation);
      rotation.at(1800, () => bench.cluster.setByHand('app', 'Som3body!Else'));
    };

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(6);
    expect(out).toContain('rotated, but the cluster rejects the new password (login-rejected)');
  });

  it.each([
    ['cluster-unavailable', { reachable: false }],
    ['login-forbidden', { authenticates: async () => ({ kind: 'forbidden' }) }],
    ['authorization-off', { authorization: false }],
  ] as const)('exits with 7 when a login proves nothing: %s', async (expected, change) => {
    Object.assign(bench.cluster, change);

    const { code, out } = await bench.run(['rotate', 'orders', '--json']);

    expect(code).toBe(7);
    expect(JSON.parse(out).secrets[0].error.code).toBe(expected);
  });

  it('exits with 7 and sends the password nowhere when the new version names another host', async () => {
    const elsewhere = 'https://in01-other.aws-us-west-2.vectordb.zillizcloud.com:19530';
    secret().rotate = goodRotation(bench.cluster, documentOf(NEW_PASSWORD, { endpoint: elsewhere }));

    const { code, out } = await bench.run(['rotate', 'orders', '--json']);

    expect(code).toBe(7);
    expect(JSON.parse(out).secrets[0].error.code).toBe('other-user');
    expect(bench.cluster.received).toEqual([]);
  });
});

describe('Ctrl-C', () => {
  it('leaves a running rotation alone, says so and how to follow it, and exits with 130', async () => {
    secret().rotate = (rotation) => {
      goodRotation(bench.cluster)(rotation);
      rotation.at(1200, () => bench.interruption.abort());
    };

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(130);
    expect(out).toContain(`The rotation of orders (version ${TOKEN}) goes on in AWS without this command.`);
    expect(out).toContain('zilliz-rotation status orders');
    expect(bench.aws.calls.filter((call) => call.startsWith('Cancel'))).toEqual([]);
  });

  it('starts nothing that was not started', async () => {
    bench.interruption.abort();

    const { code, out } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(130);
    expect(out).toContain('Interrupted before a rotation of orders was started.');
    expect(bench.aws.calls).not.toContain('RotateSecret orders');
  });
});

describe('several secrets', () => {
  beforeEach(() => {
    for (const name of ['invoices', 'search']) {
      bench.aws.add(name, documentOf(OLD_PASSWORD), { rotate: goodRotation(bench.cluster) });
    }
  });

  it('follows all, reports each in the order given, and sums up', async () => {
    const { code, out } = await bench.run(['rotate', 'orders', 'invoices', 'search']);

    expect(code).toBe(0);
    expect(out.match(/^\w+: rotated/gm)).toEqual(['orders: rotated', 'invoices: rotated', 'search: rotated']);
    expect(out).toContain('3 secrets: 3 rotated.');
  });

  it('follows the others to their end when one fails, and exits with the gravest code', async () => {
    secret('invoices').rotate = (rotation) => attemptBadly(rotation, FORBIDDEN);
    secret('search').rotationFunctionArn = undefined;

    const { code, out } = await bench.run(['rotate', 'search', 'orders', 'invoices']);

    expect(code).toBe(3);
    expect(out).toContain('3 secrets: 1 rotated, 1 not started, 1 failed.');
  });

  it('rotates at most --concurrency at a time', async () => {
    await bench.run(['rotate', 'orders', 'invoices', '--concurrency', '1']);

    const calls = bench.aws.calls.filter((call) => /^(RotateSecret|read)/.test(call));
    expect(calls).toEqual([
      'read orders',
      'RotateSecret orders',
      `read ${secret('orders').arn}`,
      'read invoices',
      'RotateSecret invoices',
      `read ${secret('invoices').arn}`,
    ]);
  });

  it("starts no more than ten rotations a second, and reads the function's log at most four times a second", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `many-${index}`);
    for (const name of names) {
      bench.aws.add(name, documentOf(OLD_PASSWORD), { rotate: goodRotation(bench.cluster) });
    }
    const starts: number[] = [];
    const { rotate } = bench.aws.rotation;
    bench.aws.rotation.rotate = (...args) => {
      starts.push(bench.clock.now());
      return rotate(...args);
    };
    const began = bench.clock.now();

    const { code } = await bench.run(['rotate', ...names, '--concurrency', '40']);

    const reads = bench.aws.calls.filter((call) => call === 'FilterLogEvents').length;
    const seconds = (bench.clock.now() - began) / 1000;
    expect(code).toBe(0);
    expect((starts.at(-1) ?? 0) - (starts.at(0) ?? 0)).toBeGreaterThanOrEqual(3900);
    expect(reads).toBeLessThanOrEqual(seconds * 4 + 1);
  });

  it('rotates a secret once that is named twice', async () => {
    await bench.run(['rotate', 'orders', 'orders']);

    expect(bench.aws.calls.filter((call) => call === 'RotateSecret orders')).toHaveLength(1);
  });
});

describe('the arguments', () => {
  it.each([
    [[]],
    [['rotate']],
    [['turn', 'orders']],
    [['rotate', 'orders', '--timeout', '5']],
    [['rotate', 'orders', '--concurrency', '0']],
    [['rotate', 'orders', '--nonsense']],
    [['rotate', 'orders', '--ca-file', 'missing.pem']],
    [['rotate', 'orders', '--ca-file', 'words.txt']],
    [['rotate', 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-AbCdEf', '--region', 'us-east-1']],
  ])('exits with 2 and asks AWS nothing: %j', async (args) => {
    bench.files.set('words.txt', 'no certificate');

    const { code, out, err } = await bench.run(args);

    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).not.toBe('');
    expect(bench.aws.calls).toEqual([]);
  });

  it('prints help on stdout and exits with 0', async () => {
    const { code, out } = await bench.run(['rotate', '--help']);

    expect(code).toBe(0);
    expect(out).toContain('--retry-wait');
  });

  it('passes on profile, region and private CA; an ARN names its own region', async () => {
    bench.files.set('ca.pem', '-----BEGIN CERTIFICATE-----');

    await bench.run(['rotate', 'orders', '--profile', 'ops', '--region', 'us-west-2', '--ca-file', 'ca.pem']);
    await bench.run(['rotate', secret().arn]);

    expect(bench.connections).toEqual([
      { region: 'us-west-2', profile: 'ops' },
      { region: 'us-east-1', profile: undefined },
    ]);
    expect(bench.clusterConnections).toEqual([{ privateCa: '-----BEGIN CERTIFICATE-----' }, { privateCa: undefined }]);
  });

  it('exits with 1 on a fault of its own, without the message, which may quote anything', async () => {
    bench.aws.rotation.describe = async () => {
      throw new TypeError(`Unexpected token in ${OLD_PASSWORD}`);
    };

    const { code, err } = await bench.run(['rotate', 'orders']);

    expect(code).toBe(1);
    expect(err).toContain('unexpected TypeError');
    expect(err).not.toContain(OLD_PASSWORD);
  });
});

function notInvocable() {
  return { kind: 'refused', reason: 'not-invocable', answer: 'Secrets Manager cannot invoke the function.' };
}
