import { unfinishedVersion } from '../../protocol/secret/versions.ts';
import { checkSecret, type Ready } from './check-secret.ts';
import { explainInterruption, howToFollow } from './explain.ts';
import type { NotProven, RotateOutcome } from './report.ts';
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

/**
 * For how long RotateSecret is repeated. DescribeSecret may show a rotation late that RotateSecret
 * has started without an answer, or because of which it refuses to start another one.
 */
const REPEATED_MS = { throttled: 10 * 60_000, otherwise: 10_000 } as const;

const PAUSE_MS = 1000;

/**
 * Checks the secret and calls RotateSecret, unless a rotation runs already. Repeats both while the
 * answers do not decide whether a rotation has begun.
 */
export async function startRotation(secretId: string, ports: RotatePorts): Promise<Start> {
  const { clock, interrupted } = ports;
  const began = clock.now();
  // One token for all requests, because Secrets Manager starts one rotation for each token.
  // ASSUMPTION sm-token-reuse
  const token = ports.newToken();
  let unanswered = false;
  for (;;) {
    const checked = await checkSecret(secretId, ports);
    if (checked.kind === 'refused') {
      const refusal = unanswered ? notKnown(secretId, checked.message) : checked;
      return { kind: 'not-started', outcome: interrupted.aborted ? explainInterruption(secretId) : refusal };
    }
    const { secret } = checked;
    const hasBegun = secret.versions.some((version) => version.versionId === token);
    const versionId = hasBegun ? token : unfinishedVersion(secret);
    if (versionId !== undefined) {
      return { ...checked, kind: 'started', versionId, isOwn: versionId === token };
    }
    const repeatedMs = clock.now() - began;
    const answer = await requestRotation({ secretId, secret, token }, ports);
    if (answer === 'started') {
      return { ...checked, kind: 'started', versionId: token, isOwn: true };
    }
    const { repeat, outcome } = answer;
    if (interrupted.aborted) {
      return { kind: 'not-started', outcome: explainInterruption(secret.name), checked };
    }
    if (repeat === 'never' || repeatedMs >= REPEATED_MS[repeat]) {
      return { kind: 'not-started', outcome, checked };
    }
    unanswered ||= outcome.code !== 'previous-incomplete';
    await clock.sleep(PAUSE_MS, interrupted);
  }
}

function notKnown(secretId: string, why: string): NotProven {
  return {
    kind: 'running',
    code: 'start-unknown',
    message: `It is not known whether a rotation of ${secretId} started. ${why}`,
    advice: howToFollow(secretId),
  };
}
