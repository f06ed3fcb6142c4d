import { AWSPENDING, holderOf, unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { RotatingSecret, RotationStart } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import type { Explanation } from '../outcome/failure.ts';
import { explainIncomplete, explainInterruption, howToFollow } from './explain.ts';
import type { NotProven } from './report.ts';
import { type RotatePorts, writesOf } from './rotate-ports.ts';

export interface StartRequest {
  /** As given on the command line. */
  readonly secretId: string;
  readonly secret: RotatingSecret;
  /** Becomes the id of the new version. */
  readonly token: string;
}

/** For how long a throttled RotateSecret is repeated. */
const THROTTLED_MS = 10 * 60_000;

/** How often RotateSecret is sent if it gets no answer. */
const ATTEMPTS = 3;

/**
 * Calls RotateSecret. Repeats it with the same token if AWS throttles it or gives no answer.
 *
 * @returns `undefined` if the rotation has started
 */
export async function requestRotation(request: StartRequest, ports: RotatePorts): Promise<NotProven | undefined> {
  const { secret, secretId, token } = request;
  const { clock, interrupted } = ports;
  const pace = ports.paceOf(secret);
  const waitForTurn = async (): Promise<void> => await pace.wait(writesOf(secret));
  const mayNotStart = (): NotProven | undefined =>
    interrupted.aborted ? explainInterruption(secret.name) : ports.reasonToStop();
  await waitForTurn();
  const refusal = mayNotStart();
  if (refusal !== undefined) {
    return refusal;
  }
  const until = clock.now() + THROTTLED_MS;
  for (let attempt = 1; ; attempt++) {
    const answer = await catchKnown(ports.aws.rotation.startRotation(secretId, token), AwsError);
    if (!(answer instanceof AwsError)) {
      return answer.kind === 'started'
        ? undefined
        : await unlessStarted(explainRefusal(answer, secret), answer.reason !== 'previous-incomplete', request, ports);
    }
    const throttled = answer.kind === 'throttled';
    if (throttled) {
      pace.pause();
    }
    const repeats = answer.retryable && (throttled ? clock.now() < until : attempt < ATTEMPTS);
    if (!repeats || mayNotStart() !== undefined) {
      return await unlessStarted(explainAwsError(answer), !answer.retryable, request, ports);
    }
    await waitForTurn();
  }
}

/** How long DescribeSecret may not yet show a version that RotateSecret has created. */
const LATE_VERSION_MS = 5000;
const LATE_VERSION_PAUSE_MS = 500;

/**
 * Looks for the version of the request, which may have started a rotation although its answer was
 * lost. A repeated request is then refused, because the rotation is running.
 *
 * @param isDecided whether the answer proves that this request started no rotation
 * @returns `undefined` if the rotation has started
 */
async function unlessStarted(
  explanation: Explanation,
  isDecided: boolean,
  { secretId, secret: { name }, token }: StartRequest,
  { aws, clock, interrupted }: RotatePorts,
): Promise<NotProven | undefined> {
  const unknown = {
    code: 'start-unknown',
    message: `It is not known whether a rotation of ${name} started. ${explanation.message}`,
    advice: howToFollow(name),
  };
  const until = clock.now() + LATE_VERSION_MS;
  while (!isDecided) {
    const secret = await catchKnown(aws.rotation.describeSecret(secretId), AwsError);
    if (secret instanceof AwsError) {
      return { kind: 'running', ...unknown };
    }
    if (secret.versions.some(({ versionId }) => versionId === token)) {
      return undefined;
    }
    if (unfinishedVersion(secret) !== undefined || clock.now() >= until) {
      break;
    }
    if (interrupted.aborted) {
      return { kind: 'interrupted', ...unknown };
    }
    await clock.sleep(LATE_VERSION_PAUSE_MS, interrupted);
  }
  return { kind: 'refused', ...explanation };
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
    case 'not-configured':
      return {
        code: reason,
        message: `Secrets Manager says that ${name} has no rotation: ${answer}`,
        advice: 'Deploy the rotation stack with this secret in its configuration, then repeat the command.',
      };
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
