import { AWSPENDING, holderOf } from '../../protocol/secret/versions.ts';
import type { RotatingSecret, RotationStart } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type Explanation, interruptedBeforeChange } from '../outcome/failure.ts';
import { explainIncomplete, howToFollow } from './explain.ts';
import type { NotProven } from './report.ts';
import { type RotatePorts, writesOf } from './rotate-ports.ts';

export interface StartRequest {
  /** As given on the command line. */
  readonly secretId: string;
  readonly secret: RotatingSecret;
  /** Becomes the id of the new version. */
  readonly token: string;
}

/** Why a request is not known to have started a rotation. */
export interface NotStarted {
  readonly outcome: NotProven;
  /** `never`: this request and a repetition start nothing. */
  readonly repeat: 'never' | 'throttled' | 'otherwise';
}

/** Calls RotateSecret once, when the quotas of AWS allow it. */
export async function requestRotation(
  { secretId, secret, token }: StartRequest,
  { aws, interrupted, paceOf, reasonToStop }: RotatePorts,
): Promise<'started' | NotStarted> {
  const pace = paceOf(secret);
  await pace.wait(writesOf(secret));
  const stop = interrupted.aborted ? interruptedBeforeChange() : reasonToStop();
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
  return answer.kind === 'started'
    ? 'started'
    : {
        outcome: { kind: 'refused', ...explainRefusal(answer, secret) },
        repeat: answer.reason === 'previous-incomplete' ? 'otherwise' : 'never',
      };
}

/** Explains why Secrets Manager refused RotateSecret. */
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
        advice:
          'The function is gone, or its resource policy does not allow secretsmanager.amazonaws.com to ' +
          `invoke it. \`zilliz-rotation status ${name}\` says which, and how to restore it.`,
      };
    case 'other':
      return {
        code: 'refused',
        message: `Secrets Manager refuses to start a rotation of ${name}: ${answer}`,
        advice: howToFollow(name),
      };
  }
}
