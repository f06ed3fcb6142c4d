import type { EndpointOptions, UsableCredential } from '../../credential/stored-credential.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { Clock } from '../clock.ts';
import { type KnownStrategy, readStrategy, type Usernames } from '../examine/read-strategy.ts';
import { readCurrent } from '../examine/read-version.ts';
import { explainAwsError } from '../explanation.ts';
import { explainInterruption, explainRefusal, howToFollow } from './explain.ts';
import type { RateLimit } from './rate-limit.ts';
import type { NotStarted, ProgressListener, RotateOutcome } from './report.ts';

export interface StartPorts {
  readonly aws: Aws;
  readonly endpoints: EndpointOptions;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  /** The users of `--users`. */
  readonly usernames: Usernames | undefined;
  /** Returns a new token of a rotation, which becomes the id of the new version. */
  readonly newToken: () => string;
  readonly waitForStart: RateLimit;
}

interface Ready {
  readonly kind: 'ready';
  readonly secret: RotatingSecret;
  readonly functionArn: string;
  /** AWSCURRENT before the rotation. */
  readonly previous: UsableCredential;
  readonly strategy: KnownStrategy;
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
  for (let waits = 0; ; waits++) {
    const checked = await checkSecret(secretId, ports);
    if (checked.kind === 'refused') {
      return { kind: 'not-started', outcome: checked };
    }
    await ports.waitForStart();
    if (interrupted.aborted) {
      return { kind: 'not-started', outcome: explainInterruption('not-started', checked.secret.name), checked };
    }
    const versionId = ports.newToken();
    const startedAt = clock.now();
    const outcome = await requestRotation(secretId, versionId, checked.secret, ports.aws);
    if (outcome === undefined) {
      return { ...checked, kind: 'started', versionId, startedAt };
    }
    if (outcome.code !== 'previous-incomplete' || startedAt >= until) {
      return { kind: 'not-started', outcome, checked };
    }
    if (waits === 0) {
      onProgress({ kind: 'waiting-for-previous', atMostMs: PREVIOUS_MS });
    }
    await clock.sleep(PAUSE_MS, interrupted);
  }
}

/** Refuses a secret whose login could not be confirmed after the rotation. */
async function checkSecret(secretId: string, { aws, endpoints, usernames }: StartPorts): Promise<Ready | NotStarted> {
  try {
    const secret = await aws.rotation.describeSecret(secretId);
    const { name, deletedAt, rotationFunctionArn: functionArn } = secret;
    if (deletedAt !== undefined) {
      return refused(
        'marked-for-deletion',
        `${name} is marked for deletion.`,
        `Restore it first: \`aws secretsmanager restore-secret --secret-id ${name}\`.`,
      );
    }
    if (functionArn === undefined) {
      return refused(
        'not-configured',
        `${name} has no rotation function.`,
        'Add the secret to the configuration of the rotation stack, and deploy the stack.',
      );
    }
    if (!secret.rotationEnabled) {
      return refused(
        'rotation-off',
        `Rotation of ${name} is off. Either somebody called CancelRotateSecret, or the rotation stack was removed with its function (cdk destroy). RotateSecret would turn the schedule on again, so this command does not call it.`,
        `If the function ${functionArn} is gone, deploy the rotation stack again with this secret in its configuration. If somebody cancelled the rotation, check the secret with \`zilliz-rotation status ${name}\`. Then turn rotation on with \`aws secretsmanager rotate-secret --secret-id ${name}\`, which also rotates at once.`,
      );
    }
    const previous = await readCurrent(secret, { store: aws.store(secretId), endpoints });
    if (previous.kind === 'usable') {
      const strategy = await readStrategy(secret, usernames, aws);
      return { kind: 'ready', secret, functionArn, previous, strategy };
    }
    return previous.reason === 'no-value'
      ? refused('no-value', `${name} holds no value yet.`, 'Store the credential in the secret, then rotate.')
      : refused(
          'unusable-secret',
          `This command could not confirm the login of ${name} after a rotation. ${previous.problem}`,
          'Nothing was started. Allow the host of your own cluster with --allow-endpoint HOST.',
        );
  } catch (error) {
    return { kind: 'refused', ...explainAwsError(error) };
  }
}

/**
 * Calls RotateSecret. If its answer is lost, reads from the secret whether the rotation has
 * started.
 *
 * @returns `undefined` if the rotation has started
 */
async function requestRotation(
  secretId: string,
  versionId: string,
  secret: RotatingSecret,
  { rotation }: Aws,
): Promise<Exclude<RotateOutcome, { kind: 'rotated' }> | undefined> {
  try {
    const answer = await rotation.startRotation(secretId, versionId);
    return answer.kind === 'refused' ? { kind: 'refused', ...explainRefusal(answer, secret) } : undefined;
  } catch (error) {
    const explanation = explainAwsError(error);
    if (!(error instanceof AwsError && error.retryable)) {
      return { kind: 'refused', ...explanation };
    }
    try {
      const { versions } = await rotation.describeSecret(secretId);
      const started = versions.some((version) => version.versionId === versionId);
      return started ? undefined : { kind: 'refused', ...explanation };
    } catch {
      return {
        kind: 'running',
        code: 'start-unknown',
        message: `It is not known whether a rotation of ${secret.name} started. ${explanation.message}`,
        advice: howToFollow(secret.name),
      };
    }
  }
}

function refused(code: string, message: string, advice: string): NotStarted {
  return { kind: 'refused', code, message, advice };
}
