import { adviceOn } from '../../protocol/rotation/failures.ts';
import { isOffOnPurpose, neverStarts, OFF_ON_PURPOSE } from '../../protocol/secret/rotated-secrets.ts';
import { unfinishedVersion } from '../../protocol/secret/versions.ts';
import type { RotatingSecret } from '../aws/aws.ts';
import type { Examination } from './examination.ts';
import { blocksRotation, type Finding, notice, problem } from './finding.ts';
import { allowInvocation } from './function-state.ts';

/** Facts that need no value of the secret. */
type RotationFacts = Pick<Examination, 'secret'> & Partial<Pick<Examination, 'functionState' | 'lastFailure'>>;

/**
 * The findings about the rotation, its schedule and its function.
 *
 * @param ofValue the findings about the value of the secret, if it was read
 */
export function rotationFindings(
  examination: RotationFacts,
  now: number,
  ofValue: readonly Finding[] = [],
): readonly Finding[] {
  const { secret } = examination;
  const { name, rotationEnabled } = secret;
  const unfinished = unfinishedVersion(secret);
  const deletion = deletionFinding(secret);
  const causes = [functionFinding(examination), failureFinding(examination)];
  const isExplained = [...ofValue, deletion, ...causes].some(
    (cause) => cause?.severity === 'problem' && blocksRotation(cause),
  );
  const findings = [
    deletion,
    unfinished !== undefined &&
      !rotationEnabled &&
      problem(
        'rotation-cancelled',
        `Rotation is off, and AWSPENDING is still on version ${unfinished}. Nothing will complete that rotation.`,
        `Remove AWSPENDING with \`zilliz-rotation repair ${name}\`.`,
      ),
    ...causes,
    isOverdue(secret, now) &&
      problem(
        'overdue',
        'The date of the next rotation has passed.',
        // A known cause has advice of its own, and many secrets can share it.
        isExplained
          ? ''
          : `${unblock(secret)}Start a rotation, which shows why it fails: \`zilliz-rotation rotate ${name}\`.`,
      ),
    unfinished !== undefined &&
      rotationEnabled &&
      notice(
        'rotation-incomplete',
        `AWSPENDING is on version ${unfinished}. A rotation is running, or a failed rotation waits for its next attempt. No other rotation can start.`,
        `If AWSPENDING stays there, run \`zilliz-rotation repair ${name}\`.`,
      ),
    neverStarts(secret) &&
      problem(
        'no-schedule',
        'Rotation is on without a schedule, so no rotation starts by itself.',
        `${unblock(secret)}Set the schedule of its configuration, for example: \`${turnOnRotation(secret)}\`. A deployment alone does not set it, because CloudFormation sees no difference.`,
      ),
    !rotationEnabled && rotationOffFinding(examination),
  ];
  return findings.filter((finding) => typeof finding === 'object');
}

export function deletionFinding({ deletedAt, name }: RotatingSecret): Finding | undefined {
  return deletedAt === undefined
    ? undefined
    : problem(
        'marked-for-deletion',
        'The secret is marked for deletion.',
        `Restore it with \`aws secretsmanager restore-secret --secret-id ${name}\`.`,
      );
}

export function isOverdue({ rotationEnabled, nextRotationAt }: RotatingSecret, now: number): boolean {
  return rotationEnabled && nextRotationAt !== undefined && nextRotationAt < now;
}

/** The last attempt, if it failed. Secrets Manager repeats a retryable one by itself. */
function failureFinding({ lastFailure, secret }: RotationFacts): Finding | undefined {
  if (lastFailure === undefined) {
    return undefined;
  }
  const { at, step, failure, isPending } = lastFailure;
  const blocks = isPending && !failure.retryable;
  const ofFunction = adviceOn(secret.name, failure.advice ?? '');
  return (blocks ? problem : notice)(
    'rotation-failed',
    `The last attempt failed on ${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC in ${step} with ${failure.code}: ${failure.message}`,
    `${ofFunction} ${blocks ? `Then end this rotation with \`zilliz-rotation repair ${secret.name}\`, and start another with \`zilliz-rotation rotate ${secret.name}\`.` : ''}`.trim(),
  );
}

function functionFinding({ secret, functionState }: RotationFacts): Finding | undefined {
  const { rotationEnabled, rotationFunctionArn: functionArn = '', arn } = secret;
  if (functionState === 'absent' && rotationEnabled) {
    return problem(
      'function-absent',
      `The rotation function ${functionArn} does not exist, so no rotation can run.`,
      `${unblock(secret)}${HOW_TO_RESTORE_FUNCTION}`,
    );
  }
  return functionState === 'not-invocable'
    ? problem(
        'function-not-invocable',
        `Secrets Manager may not invoke the rotation function ${functionArn}, so no rotation can run.`,
        `Allow it with \`${allowInvocation(functionArn, arn)}\`. A deployment alone does not restore the permission, because CloudFormation sees no difference.`,
      )
    : undefined;
}

/** Comes before an advice that calls RotateSecret, as a deployment does. */
export function unblock(secret: RotatingSecret): string {
  return unfinishedVersion(secret) === undefined
    ? ''
    : `First remove AWSPENDING, because AWS refuses RotateSecret until then: \`zilliz-rotation repair ${secret.name}\`. `;
}

const HOW_TO_RESTORE_FUNCTION =
  'If a deployment failed and was rolled back, correct its cause and deploy again. Otherwise, if you did not remove the function on purpose, restore it: in the configuration, write `name` instead of `create`, because by default the secrets stay. Remove the rotation stack with `npx cdk destroy`, then deploy it again with `npx cdk deploy` (docs/operations.md#the-rotation-function-is-gone). Add `-c config=FILE` to both commands if the stack was deployed with another file than rotation.yaml. A deployment alone does not restore the function, because CloudFormation sees no difference.';

export function rotationOffFinding({ secret, functionState }: RotationFacts): Finding {
  const { rotationFunctionArn: functionArn, name } = secret;
  const { key, value } = OFF_ON_PURPOSE;
  if (isOffOnPurpose(secret)) {
    return notice(
      'rotation-off-on-purpose',
      `Rotation is off on purpose: the secret has the tag ${key}=${value}.`,
      `If that is no longer intended, remove the tag with \`aws secretsmanager untag-resource --secret-id ${name} --tag-keys ${key}\`, then run \`zilliz-rotation status ${name}\`, which says how to turn rotation on.`,
    );
  }
  if (functionArn === undefined) {
    return notice(
      'rotation-off',
      'Rotation was never configured.',
      'To turn it on, add the secret to the configuration of the rotation stack, and deploy the stack. If the configuration already has the secret, somebody deleted the secret and created it again (docs/operations.md#the-secret-was-deleted).',
    );
  }
  return functionState === 'absent'
    ? problem(
        'rotation-off',
        `Rotation is off, and its function ${functionArn} does not exist. The rotation stack or its function was removed.`,
        `${HOW_TO_RESTORE_FUNCTION} If rotation shall stay off, say so with \`aws secretsmanager tag-resource --secret-id ${name} --tags Key=${key},Value=${value}\`.`,
      )
    : problem(
        'rotation-off',
        'Rotation is off. Somebody cancelled it (CancelRotateSecret), or a version before 0.2.0 of this product removed the stack or the entry of this secret.',
        `If the configuration has this secret, turn rotation on with \`${turnOnRotation(secret)}\`. A deployment alone does not turn it on, because CloudFormation sees no difference. Otherwise add the secret to the configuration, and deploy the stack.`,
      );
}

/** The command that turns rotation on with the schedule that Secrets Manager still has, if any. */
function turnOnRotation({ name, schedule = 'rate(30 days)', window, rotationFunctionArn }: RotatingSecret): string {
  const rules = JSON.stringify({ ScheduleExpression: schedule, Duration: window });
  return `aws secretsmanager rotate-secret --secret-id ${name} --no-rotate-immediately --rotation-lambda-arn ${rotationFunctionArn} --rotation-rules '${rules}'`;
}
