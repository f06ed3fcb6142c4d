import { AWSCURRENT, AWSPENDING, holderOf } from '../../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../../telemetry/log-line.ts';
import type { FunctionLogLine } from '../../aws/aws.ts';
import { formatDuration } from '../../terminal/time.ts';
import { linesOf } from '../follow.ts';
import { compare, given, holdsIf } from '../observation.ts';
import { type Run, requireStarted } from '../run.ts';
import type { Assumptions } from './assumption.ts';
import { API, ASSUMED, documented, GUIDE, readInTerraform } from './evidence.ts';

const AWS_PROVIDER = 'https://github.com/hashicorp/terraform-provider-aws/blob/432ad2eca7bd/';

/** The function refuses this value in createSecret, before it connects to any host. */
export const NO_CREDENTIAL = '{}';

/** Three checks wait for retries, and two of failure-ended.ts for CloudTrail: at most an hour. */
const RETRY_WITHIN_MS = 600_000;
const RETRIES = 2;
const SPACING_MS = 2000;
/** After the last attempt, no other one starts for this time. */
const QUIET_MS = 10_000;

/** On a rotation that fails on purpose, because AWSCURRENT holds no credential. */
export const FAILED_ROTATION: Assumptions = {
  'sm-empty-pending': {
    behaviour: 'RotateSecret makes a version with AWSPENDING and without a value, which cannot be read.',
    evidence: documented(`${API}API_DescribeSecret.html`),
    ifFalse: 'createSecret fails before any change (TOKEN_UNKNOWN, PENDING_INVALID, SECRETS_MANAGER_REFUSED)',
    check: async (run) => {
      const { aws, secret, store, randomId } = run;
      await store.put({ versionId: randomId(), value: NO_CREDENTIAL, labels: [AWSCURRENT] });
      const token = randomId();
      requireStarted(await aws.rotation.startRotation(secret.arn, token));
      run.failedId = token;
      return compare({
        'the new version has AWSPENDING': holderOf(await store.describe(), AWSPENDING) === token,
        'it cannot be read': (await store.read(token)) === undefined,
      });
    },
  },
  'sm-retries': {
    behaviour: 'A failed rotation is repeated with the same token, from createSecret on.',
    evidence: documented(`${GUIDE}rotate-secrets_lambda.html`),
    ifFalse: '`status` shows the incomplete rotation, and `rotate` or `repair` completes it',
    needs: ['slow'],
    check: async (run) => {
      const steps = (await attemptsOf(run, 2)).map(({ step }) => step);
      return holdsIf(
        steps.length > 1 && steps.every((step) => step === 'createSecret'),
        `within ${formatDuration(RETRY_WITHIN_MS)}, the attempts with one token begin with: ${steps.join(', ') || 'none'}`,
      );
    },
  },
  'aws-retries': {
    behaviour: 'A rotation has two retries, 2 seconds apart.',
    evidence: ASSUMED,
    ifFalse: '`rotate` reports a failure earlier or later',
    needs: ['slow'],
    check: async (run) => {
      const { length } = await attemptsOf(run, 1 + RETRIES);
      await run.clock.sleep(QUIET_MS, run.interrupted);
      const pauses = pausesOf(await attemptsOf(run, length));
      return holdsIf(
        pauses.length === RETRIES && pauses.every((pause) => Math.abs(pause - SPACING_MS) < SPACING_MS),
        `${pauses.length} retries, after ${pauses.map(formatDuration).join(', ') || 'none'}`,
      );
    },
  },
  'sm-incomplete': {
    behaviour:
      'While AWSPENDING is on another version than AWSCURRENT, a rotation is incomplete, and RotateSecret is refused.',
    evidence: documented(`${API}API_RotateSecret.html`),
    ifFalse: 'two rotations run at once, and one fails with CURRENT_MOVED or TOKEN_NOT_PENDING',
    check: async (run) => compare({ 'RotateSecret is refused': (await startAnother(run)) !== 'started' }),
  },
  'sm-refusal-texts': {
    behaviour:
      'RotateSecret says `previous rotation` if one is incomplete. Assumed: `cannot invoke` without the permission.',
    evidence: readInTerraform(`${AWS_PROVIDER}internal/service/secretsmanager/secret_rotation_test.go#L42`),
    ifFalse: '`rotate` quotes the refusal without advice of its own',
    check: async (run) => compare({ 'the answer is read as': [await startAnother(run), 'previous-incomplete'] }),
  },
  'aws-stopped': {
    behaviour:
      'If AWSPENDING is moved or the rotation cancelled, the step ends and no other starts. A move sends RotationFailed.',
    evidence: ASSUMED,
    ifFalse: 'the next step is refused before any change (TOKEN_NOT_PENDING)',
    needs: ['slow'],
    check: async (run) => {
      const { aws, secret, clock, interrupted } = run;
      const before = await attemptsOf(run, 0);
      await aws.rotation.cancelRotation(secret.arn);
      // The last refused RotateSecret would repeat the attempt as late as AWS repeated others.
      await clock.sleep(Math.max(0, ...pausesOf(before)) + QUIET_MS, interrupted);
      const later = (await attemptsOf(run, 0)).length - before.length;
      // One attempt may have begun before the cancellation.
      return holdsIf(later <= 1, `attempts after CancelRotateSecret: ${later}`);
    },
  },
  'aws-refused-start': {
    behaviour: 'A refused RotateSecret stores its configuration, turns rotation on, and repeats the old attempt.',
    evidence: ASSUMED,
    ifFalse: '`rotate` advises to wait. `repair` continues at once',
    check: async (run) => {
      const { aws, secret } = run;
      await aws.rotation.cancelRotation(secret.arn);
      const answer = await startAnother(run);
      const { rotationEnabled } = await aws.rotation.describeSecret(secret.arn);
      return compare({
        'RotateSecret is refused': answer !== 'started',
        'then rotation is on': rotationEnabled,
      });
    },
  },
};

/** The first line of each attempt of the failed rotation. No step of it succeeds. */
async function attemptsOf(run: Run, atLeast: number): Promise<readonly FunctionLogLine[]> {
  const startsIn = (lines: readonly FunctionLogLine[]) => lines.filter(({ event }) => event === STEP_EVENT.started);
  const isComplete = (lines: readonly FunctionLogLine[]): boolean => startsIn(lines).length >= atLeast;
  return startsIn(await linesOf(run, given(run.failedId), isComplete, RETRY_WITHIN_MS));
}

/** The milliseconds between the attempts. */
function pausesOf(attempts: readonly FunctionLogLine[]): readonly number[] {
  return attempts.slice(1).map(({ at }, index) => at - (attempts[index]?.at ?? at));
}

/** @returns `started`, or why RotateSecret is refused. @throws UndecidedError without a failure */
async function startAnother({ aws, secret, randomId, failedId }: Run): Promise<string> {
  given(failedId);
  const start = await aws.rotation.startRotation(secret.arn, randomId());
  return start.kind === 'refused' ? start.reason : start.kind;
}
