import type { RateLimit } from '../../aws/rate-limit.ts';
import { explainInterruption } from '../explain.ts';
import type { ProgressListener, RotateOutcome } from '../report.ts';
import { type CheckPorts, checkSecret, type Ready } from './check-secret.ts';
import { requestRotation } from './request-rotation.ts';

export interface StartPorts extends CheckPorts {
  /** Returns a new token of a rotation, which becomes the id of the new version. */
  readonly newToken: () => string;
  readonly waitForStart: RateLimit;
}

export type Start =
  | (Omit<Ready, 'kind'> & { kind: 'started'; versionId: string; startedAt: number })
  | { kind: 'not-started'; outcome: RotateOutcome; checked?: Ready };

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
    if (ready !== undefined && !interrupted.aborted) {
      await ports.waitForStart();
    }
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
    const outcome = await requestRotation(versionId, checked.secret, { ...ports, secretId });
    if (outcome === undefined) {
      return { ...checked, kind: 'started', versionId, startedAt };
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
