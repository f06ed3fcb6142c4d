import { parseDocument } from '../../../protocol/secret/document.ts';
import type { LoggedFailure } from '../../../telemetry/log-line.ts';
import type { InMemoryCluster } from '../../support/in-memory-cluster.ts';
import type { FakeRotation } from './fake-rotation.ts';

export const HOST = 'in01-abc.aws-us-west-2.vectordb.zillizcloud.com';
export const ENDPOINT: string = `https://${HOST}:19530`;

export const OLD_PASSWORD = 'Old"Pass/word+1';
export const GENERATED_PASSWORD = 'Gen/er"ated\\1=';
export const NEW_PASSWORD = 'New\\Pass"word&2';

export function documentOf(password: string, fields: Record<string, unknown> = {}): string {
  return JSON.stringify({ endpoint: ENDPOINT, username: 'app', password, token: `app:${password}`, ...fields });
}

export function documentOfUser(username: string, password: string): string {
  return documentOf(password, { username, token: `${username}:${password}` });
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
