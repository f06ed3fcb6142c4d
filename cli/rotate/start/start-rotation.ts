import type { Aws } from '../../aws/aws.ts';
import { explainInterruption } from '../explain.ts';
import type { ProgressListener, RotateOutcome } from '../report.ts';
import { type CheckPorts, checkSecret, type Ready } from './check-secret.ts';
import { type RequestPorts, requestRotation } from './request-rotation.ts';

export interface StartPorts extends CheckPorts, RequestPorts {
  readonly aws: Aws;
  /** Returns a new token of a rotation, which becomes the id of the new version. */
  readonly newToken: () => string;
}

export interface Started extends Omit<Ready, 'kind'> {
  readonly kind: 'started';
  readonly versionId: string;
  readonly startedAt: number;
  /** Whether the version is known to have had AWSPENDING. */
  readonly pendingSeen?: boolean;
}

export type Start = Started | { kind: 'not-started'; outcome: RotateOutcome; checked?: Ready };

/** How long to wait for the end of a running rotation, or of the test of a new schedule. */
const PREVIOUS_MS = 10_000;
const PAUSE_MS = 1000;

/** Calls RotateSecret. If a rotation is running, waits for its end and checks again. */
export async function startRotation(secretId: string, ports: StartPorts, onProgress: ProgressListener): Promise<Start> {
  const { clock, interrupted } = ports;
  const until = clock.now() + PREVIOUS_MS;
  // One token for all requests, because Secrets Manager starts one rotation for each token.
  const versionId = ports.newToken();
  for (let waits = 0; ; waits++) {
    const checked = await checkSecret(secretId, ports);
    const ready = checked.kind === 'ready' ? checked : undefined;
    if (interrupted.aborted) {
      return notStarted(explainInterruption('not-started', ready?.secret.name ?? secretId), ready);
    }
    if (checked.kind === 'refused') {
      return notStarted(checked, undefined);
    }
    if (waits === 0) {
      for (const text of checked.notes) {
        onProgress({ kind: 'note', text });
      }
    }
    const startedAt = clock.now();
    const outcome = await requestRotation({ ...checked, secretId, versionId }, ports);
    if (outcome === undefined) {
      return { ...checked, kind: 'started', versionId, startedAt: clock.now() };
    }
    if (outcome.kind === 'refused' && interrupted.aborted) {
      return notStarted(explainInterruption('not-started', checked.secret.name), checked);
    }
    if (outcome.code !== 'previous-incomplete' || startedAt >= until) {
      return notStarted(outcome, checked);
    }
    if (waits === 0) {
      onProgress({ kind: 'waiting-for-previous', atMostMs: PREVIOUS_MS });
    }
    await clock.sleep(PAUSE_MS, interrupted);
  }
}

function notStarted(outcome: RotateOutcome, checked: Ready | undefined): Start {
  return { kind: 'not-started', outcome, ...(checked === undefined ? {} : { checked }) };
}
