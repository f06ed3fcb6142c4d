import { readVersion } from '../../protocol/credential/read-version.ts';
import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, holderOf, unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { explainAwsError } from '../aws/explain-aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import type { Explanation } from '../outcome/failure.ts';
import { checkSecret, type Ready } from './check-secret.ts';
import { explainInterruption, explainRefusal, howToFollow } from './explain.ts';
import type { NotProven, ProgressListener, RotateOutcome } from './report.ts';
import type { RotatePorts } from './rotate-ports.ts';

/** A rotation that runs or has ended. */
export interface Started extends Omit<Ready, 'kind'> {
  readonly kind: 'started';
  readonly versionId: string;
  /** False if the rotation ran before this command called RotateSecret. */
  readonly isOwn: boolean;
}

export type Start =
  | Started
  | { readonly kind: 'not-started'; readonly outcome: RotateOutcome; readonly checked?: Ready };

/** How long to wait for the end of a running rotation, or of the test of a new schedule. */
const PREVIOUS_MS = 10_000;
const PREVIOUS_PAUSE_MS = 1000;

/**
 * Checks the secret and calls RotateSecret.
 *
 * @param planned if given, a rotation that runs or has succeeded since counts as started.
 *   Otherwise the command waits for the end of a running rotation, and starts another.
 */
export async function startRotation(
  secretId: string,
  planned: RotatingSecret | undefined,
  ports: RotatePorts,
  onProgress: ProgressListener,
): Promise<Start> {
  const { clock, interrupted } = ports;
  const until = clock.now() + PREVIOUS_MS;
  // One token for all requests, because Secrets Manager starts one rotation for each token.
  const token = ports.newToken();
  for (let waits = 0; ; waits++) {
    const checked = await checkSecret(secretId, ports);
    if (checked.kind === 'refused') {
      const outcome = interrupted.aborted ? explainInterruption('not-started', secretId) : checked;
      return { kind: 'not-started', outcome };
    }
    const takenOver = planned && (await takeOver(checked, planned, ports));
    if (takenOver !== undefined) {
      return takenOver;
    }
    const askedAt = clock.now();
    const problem = await requestRotation({ ...checked, secretId, token }, ports);
    if (problem === undefined) {
      return { ...checked, kind: 'started', versionId: token, isOwn: true };
    }
    if (problem.code !== 'previous-incomplete' || askedAt >= until || interrupted.aborted) {
      const isInterrupted = interrupted.aborted && problem.kind === 'refused';
      const outcome = isInterrupted ? explainInterruption('not-started', checked.secret.name) : problem;
      return { kind: 'not-started', outcome, checked };
    }
    if (waits === 0) {
      onProgress({ kind: 'waiting-for-previous', atMostMs: PREVIOUS_MS });
    }
    await clock.sleep(PREVIOUS_PAUSE_MS, interrupted);
  }
}

/** @returns the rotation that runs, or that has moved AWSCURRENT since the plan */
async function takeOver(
  checked: Ready,
  planned: RotatingSecret,
  { aws, endpoints }: RotatePorts,
): Promise<Started | undefined> {
  const { secret } = checked;
  const running = unfinishedVersion(secret);
  if (running !== undefined) {
    return { ...checked, kind: 'started', versionId: running, isOwn: false };
  }
  const before = holderOf(planned, AWSCURRENT);
  const current = holderOf(secret, AWSCURRENT);
  // A rotation leaves AWSPENDING on its version. A person who stores a value removes the label.
  if (before === undefined || current === undefined || current === before || holderOf(secret, AWSPENDING) !== current) {
    return undefined;
  }
  const read = readVersion(secret, before, { store: aws.store(secret.arn), endpoints });
  const stored = await catchKnown(read, SecretStoreError);
  const previous = !(stored instanceof SecretStoreError) && stored.kind === 'usable' ? stored : checked.previous;
  return { ...checked, kind: 'started', previous, versionId: current, isOwn: false };
}

interface Request extends Ready {
  /** As given on the command line. */
  readonly secretId: string;
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
async function requestRotation(request: Request, ports: RotatePorts): Promise<NotProven | undefined> {
  const { secret, secretId, token } = request;
  const { clock, interrupted, starts } = ports;
  const mayNotStart = (): NotProven | undefined =>
    interrupted.aborted ? explainInterruption('not-started', secret.name) : starts.refusal();
  await starts.wait(secret);
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
        : await unlessStarted(
            { ...explainRefusal(answer, secret) },
            answer.reason !== 'previous-incomplete',
            request,
            ports,
          );
    }
    const throttled = answer.kind === 'throttled';
    if (throttled) {
      starts.slowDown(secret);
    }
    const repeats = answer.retryable && (throttled ? clock.now() < until : attempt < ATTEMPTS);
    if (!repeats || mayNotStart() !== undefined) {
      return await unlessStarted(explainAwsError(answer), !answer.retryable, request, ports);
    }
    await starts.wait(secret);
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
  { secretId, secret: { name }, token }: Request,
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
