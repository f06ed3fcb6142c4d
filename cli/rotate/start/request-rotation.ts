import { unfinishedVersion } from '../../../protocol/secret/versions.ts';
import type { Aws, RotatingSecret, RotationStart } from '../../aws/aws.ts';
import { AwsError } from '../../aws/aws-error.ts';
import { explainAwsError } from '../../aws/explain-aws-error.ts';
import type { WallClock } from '../../clock.ts';
import { catchKnown } from '../../outcome/catch-known.ts';
import type { Explanation } from '../../outcome/failure.ts';
import { explainInterruption, explainRefusal, howToFollow } from '../explain.ts';
import type { NotProven } from '../report.ts';
import type { StartControl, StartRequest } from './start-control.ts';

export interface RequestPorts {
  readonly aws: Pick<Aws, 'rotation'>;
  readonly clock: WallClock;
  readonly interrupted: AbortSignal;
  readonly starts: StartControl;
}

/** For how long a throttled RotateSecret is repeated. */
const THROTTLED_MS = 10 * 60_000;

/** How long DescribeSecret may not yet show a version that RotateSecret has created. */
const LATE_VERSION_MS = 5000;
const PAUSE_MS = 500;

/** How often RotateSecret is sent if it gets no answer. */
const ATTEMPTS = 3;

/**
 * Calls RotateSecret. Repeats it with the same token if AWS throttles it or gives no answer.
 *
 * @returns `undefined` if the rotation has started
 */
export async function requestRotation(request: StartRequest, ports: RequestPorts): Promise<NotProven | undefined> {
  const { secret } = request;
  const { clock, interrupted, starts } = ports;
  await starts.turn(secret);
  if (interrupted.aborted) {
    return explainInterruption('not-started', secret.name);
  }
  const refusal = starts.refusal() ?? (await starts.requested(request));
  if (refusal !== undefined) {
    return refusal;
  }
  const until = clock.now() + THROTTLED_MS;
  for (let attempt = 1; ; attempt++) {
    const answer = await catchKnown(ports.aws.rotation.startRotation(request.secretId, request.versionId), AwsError);
    if (!(answer instanceof AwsError)) {
      return await explainAnswer(answer, request, ports);
    }
    const throttled = answer.kind === 'throttled';
    if (throttled) {
      starts.slowDown(secret);
    }
    const repeats = answer.retryable && (throttled ? clock.now() < until : attempt < ATTEMPTS);
    if (!repeats || interrupted.aborted || starts.refusal() !== undefined) {
      return await explainNoAnswer(answer, request, ports);
    }
    await starts.turn(secret);
  }
}

async function explainAnswer(
  answer: RotationStart,
  request: StartRequest,
  ports: RequestPorts,
): Promise<NotProven | undefined> {
  if (answer.kind === 'started') {
    ports.starts.started(request);
    return undefined;
  }
  const refusal = explainRefusal(answer, request.secret);
  // The previous rotation can be this one: an earlier request started it, and its answer was lost.
  return answer.reason === 'previous-incomplete'
    ? await unlessStarted(refusal, request, ports, (secret) => unfinishedVersion(secret) !== undefined)
    : { kind: 'refused', ...refusal };
}

async function explainNoAnswer(
  error: AwsError,
  request: StartRequest,
  ports: RequestPorts,
): Promise<NotProven | undefined> {
  const explanation = explainAwsError(error);
  return error.retryable
    ? await unlessStarted(explanation, request, ports, () => false)
    : { kind: 'refused', ...explanation };
}

/** @param isDecided whether this description proves that the version does not exist */
async function unlessStarted(
  explanation: Explanation,
  request: StartRequest,
  { aws, clock, interrupted, starts }: RequestPorts,
  isDecided: (secret: RotatingSecret) => boolean,
): Promise<NotProven | undefined> {
  const { name } = request.secret;
  const unknown = {
    code: 'start-unknown',
    message: `It is not known whether a rotation of ${name} started. ${explanation.message}`,
    advice: howToFollow(name),
  };
  const until = clock.now() + LATE_VERSION_MS;
  for (;;) {
    try {
      const secret = await aws.rotation.describeSecret(request.secretId);
      if (secret.versions.some(({ versionId }) => versionId === request.versionId)) {
        starts.started(request);
        return undefined;
      }
      if (isDecided(secret) || clock.now() >= until) {
        return { kind: 'refused', ...explanation };
      }
    } catch {
      return { kind: 'running', ...unknown };
    }
    if (interrupted.aborted) {
      return { kind: 'interrupted', ...unknown };
    }
    await clock.sleep(PAUSE_MS, interrupted);
  }
}
