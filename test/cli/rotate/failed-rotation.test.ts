import { describe, expect, it } from 'vitest';
import { fixture, orders, useOrders } from '../support/orders-fixture.ts';
import { beforeLogin } from '../support/repair-fixture.ts';
import {
  attemptAndFail,
  attemptSuccessfully,
  documentOf,
  NEW_PASSWORD,
  OLD_PASSWORD,
  successfulRotation,
  UNREACHABLE,
} from '../support/rotations.ts';

useOrders();

describe('a failed rotation', () => {
  it('waits for the retry after a retryable failure, and exits with 0 if the retry succeeds', async () => {
    orders.rotate = (rotation) => {
      attemptAndFail(rotation, UNREACHABLE);
      attemptSuccessfully(rotation, fixture.cluster, documentOf(NEW_PASSWORD), 30_000);
    };

    expect((await fixture.run(['rotate', 'orders'])).code).toBe(0);
  });

  it('stops waiting after a minute', async () => {
    orders.rotate = (rotation) => {
      attemptAndFail(rotation, UNREACHABLE);
      attemptSuccessfully(rotation, fixture.cluster, documentOf(NEW_PASSWORD), 90_000);
    };

    const { code, document } = await fixture.runJson('rotate', 'orders');

    expect(code).toBe(3);
    const [report] = document.secrets;
    expect(report.error).toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      step: 'setSecret',
      retryable: true,
      inForce: 'current',
    });
    expect(report.durationMs).toBeLessThan(65_000);
  });
});

it('a rotation is abandoned if a person stores another value after its end', async () => {
  orders.rotate = (rotation) => {
    successfulRotation(fixture.cluster)(rotation);
    // The rotation ends after 3.7 seconds. The command reads after 3.3 and 5.2.
    rotation.at(4000, () => orders.store.storeByHand('by-hand', documentOf(OLD_PASSWORD)));
  };

  const { code, out } = await fixture.run(['rotate', 'orders']);

  expect(code).toBe(3);
  expect(out).toContain('orders: failed (abandoned)');
});

describe('a failure after which the cluster may have the new password', () => {
  const failure = {
    code: 'SECRETS_MANAGER_UNAVAILABLE',
    message: 'UpdateSecretVersionStage failed.',
    retryable: true,
    accepted: 'not known',
    advice: 'If Secrets Manager throttled the call or failed briefly, do nothing.',
  };

  it('says first that the cluster rejects AWSCURRENT, and advises repair', async () => {
    orders.rotate = (rotation) => {
      attemptAndFail(rotation, failure);
      rotation.at(300, () => fixture.cluster.setByHand('app', NEW_PASSWORD));
    };

    const { code, document } = await fixture.runJson('rotate', 'orders');
    const [{ error }] = document.secrets;

    expect(code).toBe(3);
    expect(error).toMatchObject({ code: 'current-not-in-force', step: 'setSecret', inForce: 'not known' });
    expect(error.message).toMatch(/^https:.* rejects AWSCURRENT .*SECRETS_MANAGER_UNAVAILABLE/);
    expect(error.advice).toContain('`zilliz-rotation repair orders`');
    expect(error.advice).not.toContain('do nothing');
  });

  it.each([
    ['the cluster accepts AWSCURRENT', 'not known', OLD_PASSWORD],
    ['the function knows that no stored password is accepted', 'none of the stored', 'Unknown-1'],
  ])('keeps the advice of the function if %s', async (_, accepted, password) => {
    orders.rotate = (rotation) => {
      attemptAndFail(rotation, { ...failure, accepted });
      rotation.at(300, () => fixture.cluster.setByHand('app', password));
    };

    const { document } = await fixture.runJson('rotate', 'orders');

    expect(document.secrets[0].error).toMatchObject({ code: failure.code, advice: expect.stringContaining('nothing') });
  });

  it('keeps the advice of the function if only one proxy rejects AWSCURRENT, once', async () => {
    orders.rotate = (rotation) => {
      attemptAndFail(rotation, failure);
      rotation.at(300, () => fixture.cluster.setByHand('app', NEW_PASSWORD));
    };
    // The first login is that before the start.
    beforeLogin(fixture, 3, () => fixture.cluster.setByHand('app', OLD_PASSWORD));

    const { document } = await fixture.runJson('rotate', 'orders');

    expect(document.secrets[0].error.code).toBe(failure.code);
  });
});

describe('a rotation that failed before the command started', () => {
  async function failBefore(retriedAfterMs?: number): Promise<void> {
    orders.rotate = (rotation) => {
      attemptAndFail(rotation, UNREACHABLE);
      if (retriedAfterMs !== undefined) {
        attemptSuccessfully(rotation, fixture.cluster, documentOf(NEW_PASSWORD), retriedAfterMs);
      }
    };
    fixture.aws.startBySchedule('orders', 'earlier');
    await fixture.clock.sleep(180_000, fixture.interruption.signal);
  }

  it('is stuck if no attempt is newer, and its log is not printed as if it were live', async () => {
    await failBefore();

    const { code, err, out } = await fixture.run(['rotate', 'orders']);

    expect(code).toBe(5);
    expect(out).toContain('(previous-incomplete)');
    expect(out).toContain('`zilliz-rotation repair orders`');
    expect(err).not.toContain('failed');
    expect(fixture.clock.now() - Date.parse('2026-03-01T12:03:00Z')).toBeLessThan(15_000);
  });

  it('is followed if Secrets Manager starts the next attempt', async () => {
    await failBefore(183_000);

    expect((await fixture.run(['rotate', 'orders'])).code).toBe(0);
  });
});

describe('a rotation that is still running at the time limit', () => {
  it('exits with 4 and says the last step', async () => {
    orders.rotate = (rotation) => rotation.at(100, () => rotation.log('step-started', 'createSecret'));

    const { code, document } = await fixture.runJson('rotate', 'orders', '--timeout', '20s');

    expect(code).toBe(4);
    expect(document.secrets[0].error).toMatchObject({
      code: 'timed-out',
      message: expect.stringContaining('createSecret started'),
      advice: expect.stringContaining('`zilliz-rotation status orders`'),
    });
  });

  it('exits with 4 if the AWS credentials expire', async () => {
    orders.rotate = (rotation) =>
      rotation.at(1000, () => fixture.aws.failing.set('DescribeSecret', 'credentials-expired'));

    const { code, out } = await fixture.run(['rotate', 'orders']);

    expect(code).toBe(4);
    expect(out).toContain('orders: still running (credentials-expired)');
  });

  it('continues to watch after AWS throttled it', async () => {
    orders.rotate = (rotation) => {
      successfulRotation(fixture.cluster)(rotation);
      rotation.at(500, () => fixture.aws.failing.set('DescribeSecret', 'throttled'));
      rotation.at(6000, () => fixture.aws.failing.delete('DescribeSecret'));
    };

    expect((await fixture.run(['rotate', 'orders'])).code).toBe(0);
  });
});

it('no rotation starts after Ctrl-C', async () => {
  fixture.interruption.abort();

  expect((await fixture.run(['rotate', 'orders'])).code).toBe(130);
  expect(fixture.aws.calls).not.toContain('RotateSecret orders');
});
