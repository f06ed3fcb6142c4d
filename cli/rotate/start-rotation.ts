import { AWSPENDING, holderOf, unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { RotatingSecret, RotationStart } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import type { Explanation } from '../outcome/failure.ts';
import { checkSecret, type Ready } from './check-secret.ts';
import { explainIncomplete, explainInterruption, howToFollow } from './explain.ts';
import { refuseStart } from './refuse-start.ts';
import type { NotProven } from './report.ts';
import { type RotatePorts, writesOf } from './rotate-ports.ts';

export interface Started extends Omit<Ready, 'kind'> {
  readonly kind: 'started';
  readonly versionId: string;
  /** False if the rotation ran before this command called RotateSecret. */
  readonly isOwn: boolean;
}

export type Start = Started | { readonly kind: 'not-started'; readonly outcome: NotProven; readonly checked?: Ready };

/**
 * For how long RotateSecret is repeated. DescribeSecret may show a rotation late that RotateSecret
 * has started without an answer, or because of which it refuses to start another one. `never`: this
 * request and a repetition start nothing.
 */
const REPEATED_MS = { throttled: 10 * 60_000, otherwise: 10_000, never: 0 } as const;

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
  let isFirst = true;
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
    const refusal = isFirst ? await refuseStart(checked, token, ports) : undefined;
    if (refusal !== undefined && !interrupted.aborted) {
      return { kind: 'not-started', outcome: refusal, checked };
    }
    isFirst = false;
    const repeatedMs = clock.now() - began;
    const answer = await requestRotation(secretId, secret, token, ports);
    if (answer === 'started') {
      return { ...checked, kind: 'started', versionId: token, isOwn: true };
    }
    const { repeat, outcome } = answer;
    if (interrupted.aborted) {
      return { kind: 'not-started', outcome: explainInterruption(secret.name), checked };
    }
    if (repeatedMs >= REPEATED_MS[repeat]) {
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

/** Calls RotateSecret once, when the quotas of AWS allow it. */
async function requestRotation(
  secretId: string,
  secret: RotatingSecret,
  token: string,
  { aws, interrupted, paceOf, reasonToStop }: RotatePorts,
): Promise<'started' | { readonly outcome: NotProven; readonly repeat: keyof typeof REPEATED_MS }> {
  const pace = paceOf(secret);
  await pace.wait(writesOf(secret));
  const stop = interrupted.aborted ? explainInterruption(secret.name) : reasonToStop();
  if (stop !== undefined) {
    return { outcome: stop, repeat: 'never' };
  }
  const answer = await catchKnown(aws.rotation.startRotation(secretId, token), AwsError);
  if (answer instanceof AwsError) {
    const isThrottled = answer.kind === 'throttled';
    if (isThrottled) {
      pace.pause();
    }
    const repeat = isThrottled ? 'throttled' : answer.retryable ? 'otherwise' : 'never';
    return { outcome: { kind: 'refused', ...explainAwsError(answer) }, repeat };
  }
  if (answer.kind === 'started') {
    return 'started';
  }
  const repeat = answer.reason === 'previous-incomplete' ? 'otherwise' : 'never';
  return { outcome: { kind: 'refused', ...explainRefusal(answer, secret) }, repeat };
}

function explainRefusal(
  { reason, answer }: Extract<RotationStart, { kind: 'refused' }>,
  secret: RotatingSecret,
): Explanation {
  const { name } = secret;
  switch (reason) {
    case 'previous-incomplete':
      return explainIncomplete(name, holderOf(secret, AWSPENDING));
    case 'not-invocable':
      return {
        code: reason,
        message: `Secrets Manager cannot invoke the rotation function ${secret.rotationFunctionArn ?? ''}: ${answer}`,
        advice: `The function is gone, or its resource policy does not allow secretsmanager.amazonaws.com to invoke it. \`zilliz-rotation status ${name}\` says which, and how to restore it.`,
      };
    case 'other':
      return {
        code: 'refused',
        message: `Secrets Manager refuses to start a rotation of ${name}: ${answer}`,
        advice: howToFollow(name),
      };
  }
}
