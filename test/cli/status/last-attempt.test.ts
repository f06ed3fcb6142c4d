import { describe, expect, it } from 'vitest';
import { storeError } from '../../../adapters/aws-errors.ts';
import type { LoggedFailure } from '../../../telemetry/log-line.ts';
import { fixture, orders, TOKEN, useOrders } from '../support/orders-fixture.ts';
import { attemptAndFail, successfulRotation, UNREACHABLE } from '../support/rotations.ts';

useOrders();

const DENIED: LoggedFailure = {
  code: 'SECRETS_MANAGER_DENIED',
  message: storeError(
    'PutSecretValue',
    Object.assign(new Error('Access to KMS is not allowed'), { name: 'AccessDeniedException' }),
  ).message,
  retryable: false,
  accepted: 'current',
  advice: 'Compare with docs/security.md, then run `zilliz-rotation status SECRET`.',
};

async function rotateAndFail(failure: LoggedFailure): Promise<void> {
  orders.rotate = (rotation) => attemptAndFail(rotation, failure);
  fixture.aws.startBySchedule('orders', TOKEN);
  await fixture.clock.sleep(10_000, new AbortController().signal);
}

interface Printed {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly advice: string;
}

async function lastAttempt(): Promise<{ code: number; finding: Printed | undefined }> {
  const { code, document } = await fixture.runJson('status', 'orders');
  const findings: readonly Printed[] = document.secrets[0].findings;
  return { code, finding: findings.find((finding) => finding.code === 'rotation-failed') };
}

describe('the last failed attempt', () => {
  it.each([
    ['a problem if no retry can succeed', DENIED, 3, 'problem'],
    ['a notice while Secrets Manager retries it', UNREACHABLE, 0, 'notice'],
  ])('is %s, with its code, its time and its reason', async (_, failure, exitCode, severity) => {
    await rotateAndFail(failure);

    const { code, finding } = await lastAttempt();

    expect([code, finding?.severity]).toEqual([exitCode, severity]);
    expect(finding?.message).toContain(failure.code);
    expect(finding?.message).toContain(failure.message);
    expect(finding?.message).toContain('2026-03-01 12:00:00 UTC');
    expect(finding?.advice).not.toContain('SECRET`');
  });

  it('stands below every problem as a notice', async () => {
    await rotateAndFail(UNREACHABLE);
    orders.nextRotationAt = 1;

    const { document } = await fixture.runJson('status', 'orders');

    expect(document.secrets[0].findings.map(({ code }: Printed) => code)).toEqual([
      'overdue',
      'rotation-failed',
      'rotation-incomplete',
    ]);
  });

  it('is a notice after AWSPENDING was removed, because another rotation can start', async () => {
    await rotateAndFail(DENIED);
    await fixture.run(['repair', 'orders', '--yes']);

    expect(await lastAttempt()).toMatchObject({ code: 0, finding: { severity: 'notice' } });
  });

  it.each([
    ['', () => undefined],
    [', although the log does not show it yet', (lines: number) => void orders.lines.splice(lines)],
  ])('is not shown after a rotation that succeeded%s', async (_, delayLog) => {
    await rotateAndFail(DENIED);
    await fixture.run(['repair', 'orders', '--yes']);
    const { length } = orders.lines;
    orders.rotate = successfulRotation(fixture.cluster);
    await fixture.run(['rotate', 'orders']);
    await fixture.clock.sleep(10_000, new AbortController().signal);
    delayLog(length);

    expect((await lastAttempt()).finding).toBeUndefined();
  });

  it('is not known if the log cannot be read, and a note says so', async () => {
    await rotateAndFail(DENIED);
    orders.logError = 'access-denied';

    const { code, document } = await fixture.runJson('status', 'orders');

    expect(code).toBe(0);
    expect(document.secrets[0].notes).toHaveLength(1);
  });

  it('is read once for all secrets of a function', async () => {
    await fixture.run(['status', 'orders', 'orders', orders.arn]);

    expect(fixture.aws.calls.filter((call) => call === 'FilterLogEvents')).toHaveLength(1);
  });
});
