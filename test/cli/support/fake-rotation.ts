import type { FunctionLogLine } from '../../../cli/aws/aws.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import type { LoggedFailure, LogLine } from '../../../telemetry/log-line.ts';
import type { InMemorySecret } from '../../support/in-memory-secret.ts';
import type { FakeClock } from './fake-clock.ts';

interface LogDetails {
  readonly durationMs?: number;
  readonly failure?: LoggedFailure;
  readonly key?: LogLine['key'];
}

/** What a rotation changes. */
interface RotatedSecret {
  readonly arn: string;
  readonly store: InMemorySecret;
  readonly lines: FunctionLogLine[];
}

/** A running rotation that a test controls. Times are milliseconds after RotateSecret. */
export type FakeRotation = ReturnType<typeof createFakeRotation>;

/** The date of a rotation is set when the step that moved AWSCURRENT has ended. */
const DATE_DELAY_MS = 3000;

export function createFakeRotation({ arn, store, lines }: RotatedSecret, token: string, clock: FakeClock) {
  return {
    token,
    at: clock.after,
    put: (value: string) => void store.put({ versionId: token, value, labels: [AWSPENDING, sentLabel(token)] }),
    promote: () => {
      const promotedAt = clock.now();
      void store.promote({ to: token, from: store.holder(AWSCURRENT) ?? '' });
      store.lastChangedAt = promotedAt;
      clock.after(DATE_DELAY_MS, () => {
        store.lastRotatedAt = promotedAt;
      });
    },
    log: (event: string, step: string, { durationMs, failure, key }: LogDetails = {}) => {
      const about = { versionId: token, secretArn: arn, message: `${step} ${event}` };
      lines.push({ ...about, at: clock.now(), event, step, durationMs, failure, key });
    },
  };
}
