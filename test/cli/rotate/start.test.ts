import { beforeEach, describe, expect, it } from 'vitest';
import type { RotationStart } from '../../../cli/aws/aws.ts';
import { awsErrorOf } from '../../support/aws-errors.ts';
import { fixture, orders, TOKEN, useOrders } from '../support/orders-fixture.ts';
import { beforeLogin } from '../support/repair-fixture.ts';
import { documentOf, NEW_PASSWORD, OLD_PASSWORD } from '../support/rotations.ts';

useOrders();

const ADMIN_ARN = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:zilliz-admin-AbCdEf';

const FORBIDS = { kind: 'forbidden' };

describe('rotate of a secret that has only its first value', () => {
  beforeEach(() => fixture.cluster.setByHand('app', NEW_PASSWORD));

  it('starts nothing if the cluster rejects the value', async () => {
    const { code, document } = await fixture.runJson('rotate', 'orders');

    expect([code, document.secrets[0].error.code]).toEqual([5, 'none-in-force']);
    expect(fixture.aws.started).toEqual([]);
  });

  it('ends with 130 after Ctrl-C, because the second login then has no pause', async () => {
    beforeLogin(fixture, 1, () => fixture.interruption.abort());

    const { code } = await fixture.run(['rotate', 'orders']);

    expect([code, fixture.aws.started]).toEqual([130, []]);
  });

  it.each<[string, () => unknown]>([
    ['the function may ask an admin', () => Object.assign(fixture.aws.environment, { ADMIN_SECRET_ARN: ADMIN_ARN })],
    ['the configuration is not known', () => fixture.aws.failing.set('GetFunctionConfiguration', 'access-denied')],
    ['the command cannot log in', () => Object.assign(fixture.cluster, { authenticates: async () => FORBIDS })],
    ['the secret was rotated before', () => Object.assign(orders.store, { lastRotatedAt: 1 })],
    [
      'the cluster accepts a version without a label',
      async () => await orders.store.put({ versionId: 'stranded', value: documentOf(NEW_PASSWORD), labels: [] }),
    ],
    [
      'the cluster accepts the value late',
      () => beforeLogin(fixture, 2, () => fixture.cluster.setByHand('app', OLD_PASSWORD)),
    ],
  ])('starts a rotation if %s', async (_, prepare) => {
    await prepare();

    await fixture.run(['rotate', 'orders']);

    expect(fixture.aws.started).toHaveLength(1);
  });
});

describe('a rotation that does not start', () => {
  it.each<[string, () => RotationStart]>([
    [
      'gave no answer',
      () => {
        throw awsErrorOf('unreachable', 'RotateSecret');
      },
    ],
    [
      'refuses its repetition',
      () => ({ kind: 'refused', reason: 'previous-incomplete', answer: 'A previous rotation…' }),
    ],
  ])('is followed if AWS %s and DescribeSecret shows its version late', async (_, answer) => {
    const { describeSecret } = fixture.aws.rotation;
    const before = await describeSecret('orders');
    const staleUntil = fixture.clock.now() + 4000;
    answerLate(answer);
    fixture.aws.rotation.describeSecret = async (secretId) =>
      fixture.clock.now() < staleUntil ? before : await describeSecret(secretId);

    const { code, document } = await fixture.runJson('rotate', 'orders');

    expect(code).toBe(0);
    expect(document.secrets[0]).toMatchObject({ versionId: TOKEN, previousVersionId: 'orders-v1' });
  });

  it('is refused if AWS gave no answer and the secret has no new version', async () => {
    fixture.aws.failing.set('RotateSecret', 'unreachable');

    const { code, out } = await fixture.run(['rotate', 'orders']);

    expect(code).toBe(5);
    expect(out).toContain('orders: not started (unreachable)');
  });
});

describe('a RotateSecret that AWS throttles', () => {
  /** The times of the requests and their tokens. */
  function throttleFirst(count: number): { at: number; token: string }[] {
    const sent: { at: number; token: string }[] = [];
    const { startRotation } = fixture.aws.rotation;
    fixture.aws.rotation.startRotation = async (secretId, token) => {
      sent.push({ at: fixture.clock.now(), token });
      if (sent.length <= count) {
        throw awsErrorOf('throttled', 'RotateSecret');
      }
      return await startRotation(secretId, token);
    };
    return sent;
  }

  it('is repeated with the same token, after a pause each time', async () => {
    const sent = throttleFirst(6);

    expect((await fixture.run(['rotate', 'orders'])).code).toBe(0);

    expect(sent).toHaveLength(7);
    expect(new Set(sent.map(({ token }) => token))).toEqual(new Set([TOKEN]));
    const pauses = sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1000);
  });

  it('is refused if it stays throttled for ten minutes', async () => {
    const sent = throttleFirst(Number.POSITIVE_INFINITY);

    const { code, out } = await fixture.run(['rotate', 'orders']);

    expect(code).toBe(5);
    expect(out).toContain('orders: not started (throttled)');
    expect((sent.at(-1)?.at ?? 0) - (sent[0]?.at ?? 0)).toBeGreaterThanOrEqual(600_000);
  });

  it('is not taken for another rotation if a repetition finds its own', async () => {
    const { startRotation } = fixture.aws.rotation;
    let lost = false;
    fixture.aws.rotation.startRotation = async (secretId, token) => {
      if (lost) {
        return { kind: 'refused', reason: 'previous-incomplete', answer: "A previous rotation isn't complete." };
      }
      lost = true;
      await startRotation(secretId, token);
      throw awsErrorOf('throttled', 'RotateSecret');
    };

    const { code, document } = await fixture.runJson('rotate', 'orders');

    expect(code).toBe(0);
    expect(document.secrets[0]).toMatchObject({ outcome: 'rotated', versionId: TOKEN });
  });
});

/** Makes AWS start the first rotation and answer it in another way. */
function answerLate(answer: () => RotationStart): void {
  const { startRotation } = fixture.aws.rotation;
  fixture.aws.rotation.startRotation = async (secretId, token) => {
    await startRotation(secretId, token);
    fixture.aws.rotation.startRotation = startRotation;
    return answer();
  };
}
