import type { FunctionLogLine } from '../../../cli/aws/aws.ts';
import { parseDocument } from '../../../protocol/secret/document.ts';
import { AWSCURRENT, AWSPENDING, sentLabel } from '../../../protocol/secret/versions.ts';
import type { LoggedFailure, LogLine } from '../../../telemetry/log-line.ts';
import type { InMemoryCluster } from '../../support/in-memory-cluster.ts';
import type { InMemorySecret } from '../../support/in-memory-secret.ts';
import { document } from '../../support/rotation-world.ts';
import type { FakeClock } from './fake-clock.ts';

export const HOST = 'in01-abc.aws-us-west-2.vectordb.zillizcloud.com';
export const ENDPOINT: string = `https://${HOST}:19530`;

export const OLD_PASSWORD = 'Old"Pass/word+1';
export const GENERATED_PASSWORD = 'Gen/er"ated\\1=';
export const NEW_PASSWORD = 'New\\Pass"word&2';

/** The value of a secret. The token is that of the username, unless the fields name another one. */
export function documentOf(password: string, fields: Parameters<typeof document>[1] = {}): string {
  return document(password, { endpoint: ENDPOINT, username: 'app', ...fields });
}

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

/**
 * A rotation that succeeds: one step a second, and the new password is accepted after setSecret.
 */
export function successfulRotation(cluster: InMemoryCluster, value: string = documentOf(NEW_PASSWORD)) {
  return (rotation: FakeRotation): void => {
    attemptSuccessfully(rotation, cluster, value, 0);
  };
}

export function attemptSuccessfully(
  rotation: FakeRotation,
  cluster: InMemoryCluster,
  value: string,
  startMs: number,
): void {
  const step = (index: number, name: string, work: () => void): void => {
    rotation.at(startMs + index * 1000 + 100, () => rotation.log('step-started', name));
    rotation.at(startMs + index * 1000 + 700, () => {
      work();
      rotation.log('step-finished', name, { durationMs: 600 });
    });
  };
  step(0, 'createSecret', () => rotation.put(value));
  step(1, 'setSecret', () => cluster.setByHand(parseDocument(value).username, NEW_PASSWORD));
  step(2, 'testSecret', () => undefined);
  step(3, 'finishSecret', () => rotation.promote());
}

/** createSecret succeeds, and setSecret fails with this failure. */
export function attemptAndFail(rotation: FakeRotation, failure: LoggedFailure): void {
  rotation.at(100, () => rotation.log('step-started', 'createSecret'));
  rotation.at(200, () => {
    rotation.put(documentOf(NEW_PASSWORD));
    rotation.log('step-finished', 'createSecret', { durationMs: 100 });
  });
  rotation.at(300, () => rotation.log('step-started', 'setSecret'));
  rotation.at(400, () => rotation.log('step-failed', 'setSecret', { durationMs: 100, failure }));
}

export const UNREACHABLE: LoggedFailure = {
  code: 'CLUSTER_UNREACHABLE',
  message: `${ENDPOINT} is unreachable: gRPC 14`,
  retryable: true,
  accepted: 'current',
  advice: 'Check the allow-list of the cluster.',
};

export const FORBIDDEN: LoggedFailure = {
  code: 'CHANGE_FORBIDDEN',
  message: 'The cluster does not let app change its password.',
  retryable: false,
  accepted: 'current',
  advice: 'Grant the user what it needs.',
};
