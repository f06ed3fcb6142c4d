import { revocationToken, tokenWithoutGap } from '../../protocol/rotation/strategies/minimum-gap.ts';
import { AWSPENDING, holderOf, unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { RotatingSecret, RotationStart } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { type CommandRefusal, catchKnown, refused } from '../outcome/failure.ts';
import { type Checked, checkSecret } from './check-secret.ts';
import { explainIncomplete, howToFollow, type NotProven } from './outcome.ts';
import { refuseByLogin } from './refuse-by-login.ts';
import type { RotateOptions } from './rotate-definition.ts';
import { type RotatePorts, writesOf } from './rotate-ports.ts';

/** A rotation that runs, of a checked secret. */
export interface Started extends Omit<Checked, 'kind'> {
  readonly kind: 'started';
  readonly versionId: string;
  /** False if the rotation ran before this command called RotateSecret. */
  readonly isOwn: boolean;
}

/**
 * For how long RotateSecret is repeated. DescribeSecret may show a rotation late that RotateSecret
 * has started without an answer, or because of which it refuses to start another one. `never`: this
 * request and a repetition start nothing.
 */
const REPEATED_MS = { throttled: 10 * 60_000, otherwise: 10_000, never: 0 } as const;

const PAUSE_MS = 1000;

/**
 * Calls RotateSecret, unless a rotation runs already. Checks the secret again and repeats the call
 * while the answers do not decide whether a rotation has begun.
 */
export async function startRotation(
  first: Checked,
  options: RotateOptions,
  ports: RotatePorts,
): Promise<Started | NotProven> {
  const { clock, interrupted } = ports;
  const { secretId } = first;
  const began = clock.now();
  // One token for all requests, because Secrets Manager starts one rotation for each token.
  // ASSUMPTION sm-token-reuse
  const token = tokenFor(first, options, ports.randomId());
  let unanswered = false;
  let { previous, users } = first;
  for (let checked: Checked | CommandRefusal = first; ; checked = await checkSecret(first, ports)) {
    if (checked.kind === 'refused') {
      return unanswered ? notKnown(secretId, checked.message) : checked;
    }
    const { secret } = checked;
    // DescribeSecret may show the rotation only after AWSCURRENT has moved.
    if (secret.versions.some(({ versionId }) => versionId === token)) {
      return { ...checked, previous, users, kind: 'started', versionId: token, isOwn: true };
    }
    previous = checked.previous;
    users = checked.users ?? users;
    const versionId = unfinishedVersion(secret);
    if (versionId !== undefined) {
      return { ...checked, users, kind: 'started', versionId, isOwn: false };
    }
    const refusal = checked === first ? await refuseByLogin(checked, token, ports) : undefined;
    if (refusal !== undefined) {
      return refusal;
    }
    const repeatedMs = clock.now() - began;
    const answer = await requestRotation(checked, token, ports);
    if (answer === 'started') {
      return { ...checked, users, kind: 'started', versionId: token, isOwn: true };
    }
    const { repeat, outcome } = answer;
    if (interrupted.aborted || repeatedMs >= REPEATED_MS[repeat]) {
      return outcome;
    }
    unanswered ||= outcome.code !== 'previous-incomplete';
    await clock.sleep(PAUSE_MS, interrupted);
  }
}

/** The token of a rotation, which tells the function what the options ask. @param id a UUID */
function tokenFor({ users }: Checked, { bothUsers, revokePrevious }: RotateOptions, id: string): string {
  if (revokePrevious) {
    return revocationToken(id.replaceAll('-', ''));
  }
  return bothUsers && users ? tokenWithoutGap(id) : id;
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
  checked: Checked,
  token: string,
  ports: RotatePorts,
): Promise<'started' | { readonly outcome: NotProven; readonly repeat: keyof typeof REPEATED_MS }> {
  const { secretId, secret, aws } = checked;
  const { writes, reasonToStop } = ports;
  await writes.wait(writesOf(secret));
  const stop = reasonToStop(secret.name);
  if (stop !== undefined) {
    return { outcome: stop, repeat: 'never' };
  }
  const answer = await catchKnown(aws.rotation.startRotation(secretId, token), AwsError);
  if (answer instanceof AwsError) {
    const isThrottled = answer.kind === 'throttled';
    if (isThrottled) {
      writes.pause();
    }
    const repeat = isThrottled ? 'throttled' : answer.retryable ? 'otherwise' : 'never';
    return { outcome: { kind: 'refused', ...explainAwsError(answer) }, repeat };
  }
  if (answer.kind === 'started') {
    return 'started';
  }
  if (answer.reason === 'previous-incomplete') {
    const incomplete = explainIncomplete(secret.name, holderOf(secret, AWSPENDING));
    return { outcome: { kind: 'refused', ...incomplete }, repeat: 'otherwise' };
  }
  // AWS does not say whether it misses the function, or a secret that was deleted since the check.
  const now = await checkSecret(checked, ports);
  const outcome = now.kind === 'refused' ? now : explainRefusal(answer, secret);
  return { outcome, repeat: 'never' };
}

function explainRefusal(
  { reason, answer }: Extract<RotationStart, { kind: 'refused' }>,
  { name, rotationFunctionArn = '' }: RotatingSecret,
): CommandRefusal {
  return reason === 'not-invocable'
    ? refused(
        reason,
        `Secrets Manager cannot invoke the rotation function ${rotationFunctionArn}: ${answer}`,
        `The function is gone, or its resource policy does not allow secretsmanager.amazonaws.com to invoke it. \`zilliz-rotation status ${name}\` says which, and how to restore it.`,
      )
    : refused('refused', `Secrets Manager refuses to start a rotation of ${name}: ${answer}`, howToFollow(name));
}
