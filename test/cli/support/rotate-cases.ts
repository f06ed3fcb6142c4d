import { beforeEach, describe, expect, it } from 'vitest';
import type { RotationService } from '../../../cli/aws/aws.ts';
import type { ExitCode } from '../../../cli/outcome/exit-code.ts';
import { GENERATED_ID } from './command-fixture.ts';
import { addSecretWithUser, fixture, orders, useOrders } from './orders-fixture.ts';
import { successfulRotation } from './rotations.ts';

type State = () => unknown;

/** A state of the secret `orders`, how `rotate` ends, and what its report contains. */
export type Case = readonly [state: string, code: ExitCode, happen: State, report: object];

export const ROTATED = { outcome: 'rotated', previousVersionId: 'orders-v1', error: null };

export function error(code: string, others: object = {}): object {
  return { error: { code, ...others } };
}

/** Runs each case with `orders` alone, and with two healthy secrets. */
export function testCases(cases: readonly Case[], more: (line: readonly string[]) => void = () => undefined): void {
  useOrders();

  describe.each([
    ['one secret', ['rotate', 'orders']],
    ['several secrets', ['rotate', 'orders', 'search', 'users']],
  ])('rotate of %s', (_, line) => {
    beforeEach(() => {
      for (const name of line.slice(2)) {
        addSecretWithUser(fixture, name);
      }
    });

    it.each(cases)('if %s, leads to %i', async (_state, code, happen, expected) => {
      await happen();
      const before = fixture.aws.started.length;

      const ended = await fixture.runJson(...line);

      const [report] = ended.document.secrets.filter(({ secret }: { secret: string }) => secret === 'orders');
      expect([ended.code, report.exitCode]).toEqual([code, code]);
      expect(report).toMatchObject(expected);
      const started = fixture.aws.started.slice(before).filter(({ secret }) => secret === 'orders');
      expect(started).toHaveLength(report.versionId?.startsWith(GENERATED_ID) ? 1 : 0);
    });

    more(line);
  });
}

/** The rotation succeeds, and something happens beside it. */
export function beside(...happens: readonly [afterMs: number, happen: State][]): State {
  return () => {
    orders.rotate = (rotation) => {
      successfulRotation(fixture.cluster)(rotation);
      for (const [afterMs, happen] of happens) {
        rotation.at(afterMs, () => void happen());
      }
    };
  };
}

export function setPassword(password: string) {
  return (): void => fixture.cluster.setByHand('app', password);
}

export function failAws(
  action: string,
  kind: 'unreachable' | 'throttled' | 'access-denied' | 'credentials-expired',
): State {
  return () => fixture.aws.failing.set(action, kind);
}

export function pressCtrlC(): void {
  fixture.interruption.abort();
}

type Start = RotationService['startRotation'];

/** Answers RotateSecret of `orders` in another way than AWS, as long as the function says so. */
export function answerRotateSecret(answer: (start: Start, ...args: Parameters<Start>) => ReturnType<Start>): void {
  const { startRotation } = fixture.aws.rotation;
  fixture.aws.rotation.startRotation = async (secretId, token) =>
    secretId === 'orders' ? await answer(startRotation, secretId, token) : await startRotation(secretId, token);
}
