import { AWSCURRENT, AWSPENDING, holderOf } from '../../../secret/versions.ts';
import type { Aws, RotatingSecret } from '../../aws/aws.ts';
import { AwsError } from '../../aws/aws-error.ts';
import type { Clock } from '../../clock.ts';
import { type Explanation, explainAwsError } from '../../explanation.ts';
import { explainRefusal, howToFollow } from '../explain.ts';
import type { RotateOutcome } from '../report.ts';

export interface RequestPorts {
  /** As given on the command line. */
  readonly secretId: string;
  readonly aws: Aws;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
}

/** How long DescribeSecret may not yet show a version that RotateSecret has created. */
const LATE_VERSION_MS = 5000;
const PAUSE_MS = 500;

/**
 * Calls RotateSecret. If its answer is lost, or is the answer to a repetition by the SDK, reads
 * from the secret whether the rotation has started.
 *
 * @returns `undefined` if the rotation has started
 */
export async function requestRotation(
  versionId: string,
  secret: RotatingSecret,
  ports: RequestPorts,
): Promise<Exclude<RotateOutcome, { kind: 'rotated' }> | undefined> {
  const { secretId } = ports;
  try {
    const answer = await ports.aws.rotation.startRotation(secretId, versionId);
    if (answer.kind === 'started') {
      return undefined;
    }
    const refusal = explainRefusal(answer, secret);
    return answer.reason === 'previous-incomplete'
      ? await unlessStarted(refusal, versionId, secret, ports, isOfOtherRotation)
      : { kind: 'refused', ...refusal };
  } catch (error) {
    const explanation = explainAwsError(error);
    return error instanceof AwsError && error.retryable
      ? await unlessStarted(explanation, versionId, secret, ports, () => false)
      : { kind: 'refused', ...explanation };
  }
}

function isOfOtherRotation(secret: RotatingSecret): boolean {
  const pending = holderOf(secret, AWSPENDING);
  return pending !== undefined && pending !== holderOf(secret, AWSCURRENT);
}

/** @param isDecided whether this description proves that the version does not exist */
async function unlessStarted(
  explanation: Explanation,
  versionId: string,
  { name }: RotatingSecret,
  { secretId, aws, clock, interrupted }: RequestPorts,
  isDecided: (secret: RotatingSecret) => boolean,
): Promise<Exclude<RotateOutcome, { kind: 'rotated' }> | undefined> {
  const unknown = {
    code: 'start-unknown',
    message: `It is not known whether a rotation of ${name} started. ${explanation.message}`,
    advice: howToFollow(name),
  };
  const until = clock.now() + LATE_VERSION_MS;
  for (;;) {
    try {
      const secret = await aws.rotation.describeSecret(secretId);
      if (secret.versions.some((version) => version.versionId === versionId)) {
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
