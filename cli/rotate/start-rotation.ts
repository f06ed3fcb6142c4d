import { unfinishedVersion } from '../../protocol/secret/versions.ts';
import { checkSecret, type Ready } from './check-secret.ts';
import { explainInterruption } from './explain.ts';
import type { RotateOutcome } from './report.ts';
import { requestRotation } from './request-rotation.ts';
import type { RotatePorts } from './rotate-ports.ts';

/** A rotation that has begun. */
export interface Started extends Omit<Ready, 'kind'> {
  readonly kind: 'started';
  readonly versionId: string;
  /** False if the rotation ran before this command called RotateSecret. */
  readonly isOwn: boolean;
}

export type Start =
  | Started
  | { readonly kind: 'not-started'; readonly outcome: RotateOutcome; readonly checked?: Ready };

/** How long DescribeSecret may not yet show a rotation because of which RotateSecret is refused. */
const LATE_ROTATION_MS = 10_000;
const LATE_ROTATION_PAUSE_MS = 1000;

/** Checks the secret and calls RotateSecret, unless a rotation runs already. */
export async function startRotation(secretId: string, ports: RotatePorts): Promise<Start> {
  const { clock, interrupted } = ports;
  const until = clock.now() + LATE_ROTATION_MS;
  // One token for all requests, because Secrets Manager starts one rotation for each token.
  const token = ports.newToken();
  for (;;) {
    const checked = await checkSecret(secretId, ports);
    if (checked.kind === 'refused') {
      return { kind: 'not-started', outcome: interrupted.aborted ? explainInterruption(secretId) : checked };
    }
    const running = unfinishedVersion(checked.secret);
    if (running !== undefined) {
      return { ...checked, kind: 'started', versionId: running, isOwn: false };
    }
    const askedAt = clock.now();
    const problem = await requestRotation({ secretId, secret: checked.secret, token }, ports);
    if (problem === undefined) {
      return { ...checked, kind: 'started', versionId: token, isOwn: true };
    }
    if (problem.code !== 'previous-incomplete' || askedAt >= until || interrupted.aborted) {
      const isInterrupted = interrupted.aborted && problem.kind === 'refused';
      const outcome = isInterrupted ? explainInterruption(checked.secret.name) : problem;
      return { kind: 'not-started', outcome, checked };
    }
    await clock.sleep(LATE_ROTATION_PAUSE_MS, interrupted);
  }
}
