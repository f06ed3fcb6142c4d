import { SecretStoreError } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, holderOf } from '../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine } from '../aws/aws.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { formatDuration } from '../terminal/time.ts';
import { type Check, check, given, holdsIf, requireStarted, type TemporaryRotation, UndecidedError } from './check.ts';
import { linesOf } from './follow.ts';
import { storeCredential } from './secret-checks.ts';
import { unknownName } from './temporary-credential.ts';

/** The function refuses this value in createSecret, before it connects to any host. */
const NO_CREDENTIAL = '{}';

/** Three checks wait for retries, and two of trail-checks.ts for CloudTrail: at most an hour. */
const RETRY_WITHIN_MS = 600_000;
const RETRIES = 2;
const SPACING_MS = 2000;
/** After the last attempt, no other one starts for this time. */
const QUIET_MS = 10_000;

/** On a rotation that fails on purpose, because AWSCURRENT holds no credential. */
export const FAILURE_CHECKS: readonly Check[] = [
  check('sm-empty-pending', [], async (rotation) => {
    const { aws, secret, store, randomId } = rotation;
    await store.put({ versionId: randomId(), value: NO_CREDENTIAL, labels: [AWSCURRENT] });
    const token = randomId();
    requireStarted(await aws.rotation.startRotation(secret.arn, token));
    rotation.failedId = token;
    const isPending = holderOf(await store.describe(), AWSPENDING) === token;
    const isEmpty = (await store.read(token)) === undefined;
    return holdsIf(
      isPending && isEmpty,
      `the new version ${isPending ? 'has' : 'lacks'} AWSPENDING and ${isEmpty ? 'cannot be read' : 'has a value'}`,
    );
  }),
  check('sm-retries', ['slow', 'failedId'], async (rotation) => {
    const attempts = await attemptsOf(rotation, 2);
    const steps = attempts.map(({ step }) => step).join(', ');
    return holdsIf(
      attempts.length > 1 && attempts.every(({ step }) => step === 'createSecret'),
      `within ${formatDuration(RETRY_WITHIN_MS)}, the attempts with one token begin with: ${steps || 'none'}`,
    );
  }),
  check('aws-retries', ['slow', 'failedId'], async (rotation) => {
    const attempts = await attemptsOf(rotation, 1 + RETRIES);
    await rotation.clock.sleep(QUIET_MS, rotation.interrupted);
    const all = await attemptsOf(rotation, attempts.length);
    const pauses = pausesOf(all);
    return holdsIf(
      pauses.length === RETRIES && pauses.every((pause) => Math.abs(pause - SPACING_MS) < SPACING_MS),
      `${pauses.length} retries, after ${pauses.map(formatDuration).join(', ') || 'none'}`,
    );
  }),
  check('sm-incomplete', ['failedId'], async (rotation) => {
    const answer = await startAnother(rotation);
    return holdsIf(answer !== 'started', `RotateSecret: ${answer === 'started' ? answer : 'refused'}`);
  }),
  check('sm-refusal-texts', ['failedId'], async (rotation) => {
    const answer = await startAnother(rotation);
    return holdsIf(answer === 'previous-incomplete', `the answer is read as ${answer}`);
  }),
  check('aws-stopped', ['slow', 'failedId'], async (rotation) => {
    const { aws, secret, clock, interrupted } = rotation;
    const before = await attemptsOf(rotation, 0);
    await aws.rotation.cancelRotation(secret.arn);
    // The last refused RotateSecret would repeat the attempt as late as AWS repeated others.
    await clock.sleep(Math.max(0, ...pausesOf(before)) + QUIET_MS, interrupted);
    const later = (await attemptsOf(rotation, 0)).length - before.length;
    // One attempt may have begun before the cancellation.
    return holdsIf(later <= 1, `attempts after CancelRotateSecret: ${later}`);
  }),
  check('aws-refused-start', ['failedId'], async (rotation) => {
    const { aws, secret } = rotation;
    await aws.rotation.cancelRotation(secret.arn);
    const answer = await startAnother(rotation);
    const { rotationEnabled } = await aws.rotation.describeSecret(secret.arn);
    return holdsIf(
      answer !== 'started' && rotationEnabled,
      `RotateSecret: ${answer}; then rotation is ${rotationEnabled ? 'on' : 'off'}`,
    );
  }),
  check('sm-rotation-token', ['failedId'], async ({ store, failedId = '' }) => {
    const put = store.put({ versionId: failedId, value: NO_CREDENTIAL, labels: [AWSPENDING] });
    const answer = await catchKnown(put, SecretStoreError);
    if (answer instanceof SecretStoreError && answer.kind === 'unavailable') {
      throw answer;
    }
    const seen = answer instanceof SecretStoreError ? answer.code : answer;
    return holdsIf(seen === 'stored', `a write to AWSPENDING from this account without the token: ${seen}`);
  }),
  check('sm-write-of-person', ['failedId'], async (rotation) => {
    const { store, failedId } = rotation;
    const written = await storeCredential(rotation, [AWSCURRENT]);
    const description = await store.describe();
    const isCurrent = holderOf(description, AWSCURRENT) === written;
    const isPending = holderOf(description, AWSPENDING) === failedId;
    return holdsIf(
      isCurrent && !isPending,
      `the value ${isCurrent ? 'is' : 'is not'} AWSCURRENT, and AWSPENDING ${isPending ? 'stays' : 'is removed'}`,
    );
  }),
  check('sm-last-rotated', ['rotatedId', 'failedId'], async (rotation) => {
    const { aws, secret, rotatedAt, keys } = rotation;
    // A key that does not exist fails in createSecret already.
    const steps = keys
      ? 'createSecret'
      : `createSecret, another in ${await failInTheMiddle(rotation)} whose version became AWSCURRENT`;
    const { lastRotatedAt, rotationEnabled } = await aws.rotation.describeSecret(secret.arn);
    if (!rotationEnabled) {
      throw new UndecidedError('Rotation is off, so there is no date.');
    }
    const isSet = rotatedAt !== undefined;
    const stays = lastRotatedAt === rotatedAt;
    return holdsIf(
      isSet && stays,
      `after a rotation: ${isSet ? 'set' : 'not set'}; after one that failed in ${steps}, and a write of a person: ${stays ? 'the same' : 'changed'}`,
    );
  }),
];

/**
 * Lets a rotation fail after createSecret has stored a value, because AWSCURRENT names an unknown
 * user. Then moves AWSCURRENT to that value, as a finishSecret that dies after its move. At the
 * end, restores AWSCURRENT, which ends that rotation.
 *
 * @returns the step that failed
 */
async function failInTheMiddle(rotation: TemporaryRotation): Promise<string> {
  const { aws, secret, stored, store, randomId } = rotation;
  const unknown = { ...stored, username: unknownName(rotation) };
  const from = await storeCredential({ ...rotation, stored: unknown }, [AWSCURRENT]);
  const token = randomId();
  requireStarted(await aws.rotation.startRotation(secret.arn, token));
  const isFailure = ({ event }: FunctionLogLine): boolean => event === STEP_EVENT.failed;
  const step = (await linesOf(rotation, token, (found) => found.some(isFailure))).find(isFailure)?.step;
  const isStored = step !== undefined && step !== 'createSecret';
  const isMoved = isStored && (await store.promote({ to: token, from })) === 'done';
  await storeCredential(rotation, [AWSCURRENT]);
  const lines = await linesOf(rotation, token, () => true);
  // The next attempt has nothing left to do, and may have ended the rotation before the last write.
  const hasEnded = lines.some((line) => line.step === 'finishSecret' && line.event === STEP_EVENT.finished);
  return given(isMoved && !hasEnded ? step : undefined, 'No rotation failed between createSecret and its end.');
}

/** The first line of each attempt of the failed rotation. No step of it succeeds. */
async function attemptsOf(rotation: TemporaryRotation, atLeast: number): Promise<readonly FunctionLogLine[]> {
  const startsIn = (lines: readonly FunctionLogLine[]) => lines.filter(({ event }) => event === STEP_EVENT.started);
  const isComplete = (lines: readonly FunctionLogLine[]): boolean => startsIn(lines).length >= atLeast;
  return startsIn(await linesOf(rotation, rotation.failedId, isComplete, RETRY_WITHIN_MS));
}

/** The milliseconds between the attempts. */
function pausesOf(attempts: readonly FunctionLogLine[]): readonly number[] {
  return attempts.slice(1).map(({ at }, index) => at - (attempts[index]?.at ?? at));
}

/** @returns `started`, or why RotateSecret is refused */
async function startAnother({ aws, secret, randomId }: TemporaryRotation): Promise<string> {
  const start = await aws.rotation.startRotation(secret.arn, randomId());
  return start.kind === 'refused' ? start.reason : start.kind;
}
