import { SecretStoreError } from '../../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPENDING, holderOf } from '../../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../../telemetry/log-line.ts';
import type { FunctionLogLine, TrailEventName } from '../../aws/aws.ts';
import { readTrail } from '../../history/read-history.ts';
import { catchKnown } from '../../outcome/failure.ts';
import { linesOf, periodOfRun, waitUntil } from '../follow.ts';
import { compare, given, type Observation, UndecidedError } from '../observation.ts';
import { type Run, requireStarted, storeCredential } from '../run.ts';
import { unknownName } from '../temporary.ts';
import type { Assumptions } from './assumption.ts';
import { API, ASSUMED, documented, GUIDE } from './evidence.ts';
import { NO_CREDENTIAL } from './failed-rotation.ts';

/** AWS delivers an event within 15 minutes, on average within 5. */
const EVENT_WITHIN_MS = 900_000;
const PAUSE_MS = 15_000;

/** How the failed rotation ends, and what remains of it. */
export const FAILURE_ENDED: Assumptions = {
  'sm-rotation-token': {
    behaviour: 'PutSecretValue needs the RotationToken of the running rotation from another account only.',
    evidence: documented(`${API}API_PutSecretValue.html`),
    ifFalse: 'createSecret fails before any change (SECRETS_MANAGER_DENIED, SECRETS_MANAGER_REFUSED)',
    check: async ({ store, failedId }) => {
      const put = store.put({ versionId: given(failedId), value: NO_CREDENTIAL, labels: [AWSPENDING] });
      const answer = await catchKnown(put, SecretStoreError);
      if (answer instanceof SecretStoreError && answer.kind === 'unavailable') {
        throw answer;
      }
      const seen = answer instanceof SecretStoreError ? answer.code : answer;
      return compare({ 'a write to AWSPENDING from this account without the token': [seen, 'stored'] });
    },
  },
  'sm-write-of-person': {
    behaviour:
      'A value that a person stores becomes AWSCURRENT and ends the rotation. Assumed: a write to the version with AWSPENDING is the function’s.',
    evidence: documented(`${GUIDE}cloudtrail_log_entries.html`),
    ifFalse: 'the step sees the edit, and removes AWSPENDING itself (CURRENT_MOVED)',
    check: async (run) => {
      const written = await storeCredential(run, [AWSCURRENT]);
      const description = await run.store.describe();
      return compare({
        'the value is AWSCURRENT': holderOf(description, AWSCURRENT) === written,
        'AWSPENDING is removed': holderOf(description, AWSPENDING) !== given(run.failedId),
      });
    },
  },
  'sm-last-rotated': {
    behaviour:
      'LastRotatedDate is set when a rotation ends. Assumed: neither by the write of a person, nor by a step that fails, even after it moved AWSCURRENT.',
    evidence: documented(`${API}API_DescribeSecret.html`),
    ifFalse: 'the minimum gap and the age of a password count from another moment',
    check: async (run) => {
      const { aws, secret, rotatedId, rotatedAt, keys, failedId } = run;
      given(rotatedId && failedId);
      // A key that does not exist fails in createSecret already.
      const steps = keys
        ? 'createSecret'
        : `createSecret, another in ${await failInTheMiddle(run)} whose version became AWSCURRENT`;
      const { lastRotatedAt, rotationEnabled } = await aws.rotation.describeSecret(secret.arn);
      if (!rotationEnabled) {
        throw new UndecidedError('Rotation is off, so there is no date.');
      }
      return compare({
        'set by a rotation': rotatedAt !== undefined,
        [`kept by one that failed in ${steps}, and by the write of a person`]: lastRotatedAt === rotatedAt,
      });
    },
  },
  'aws-events': {
    behaviour: 'Each attempt sends RotationStarted and its end, with members of `detail` that no example of AWS shows.',
    evidence: ASSUMED,
    ifFalse: '`history` shows less about a rotation',
    needs: ['slow'],
    check: async (run) =>
      await inTrail(run, 'RotationStarted', 'RotationFailed', ...(run.rotatedId ? ['RotationSucceeded' as const] : [])),
  },
  'sm-events': {
    behaviour: 'RotationAbandoned reaches EventBridge with the ARN in `additionalEventData.SecretId`.',
    evidence: documented(`${GUIDE}monitoring-eventbridge.html`, `${GUIDE}cloudtrail_log_entries.html`),
    ifFalse: 'no message about an abandoned rotation. The overdue check still finds a missing one',
    needs: ['slow'],
    check: async (run) => await inTrail(run, 'RotationAbandoned'),
  },
};

/**
 * Lets a rotation fail after createSecret has stored a value, because AWSCURRENT names an unknown
 * user. Then moves AWSCURRENT to that value, as a finishSecret that dies after its move. At the
 * end, restores AWSCURRENT, which ends that rotation.
 *
 * @returns the step that failed
 */
async function failInTheMiddle(run: Run): Promise<string> {
  const { aws, secret, stored, store, randomId } = run;
  const unknown = { ...stored, username: unknownName(run) };
  const from = await storeCredential({ ...run, stored: unknown }, [AWSCURRENT]);
  const token = randomId();
  requireStarted(await aws.rotation.startRotation(secret.arn, token));
  const isFailure = ({ event }: FunctionLogLine): boolean => event === STEP_EVENT.failed;
  const step = (await linesOf(run, token, (found) => found.some(isFailure))).find(isFailure)?.step;
  const isStored = step !== undefined && step !== 'createSecret';
  const isMoved = isStored && (await store.promote({ to: token, from })) === 'done';
  await storeCredential(run, [AWSCURRENT]);
  const lines = await linesOf(run, token, () => true);
  // The next attempt has nothing left to do, and may have ended the rotation before the last write.
  const hasEnded = lines.some((line) => line.step === 'finishSecret' && line.event === STEP_EVENT.finished);
  return given(isMoved && !hasEnded ? step : undefined, 'No rotation failed between createSecret and its end.');
}

/** Waits until CloudTrail has an event of each name about the temporary secret. */
async function inTrail(run: Run, ...names: readonly TrailEventName[]): Promise<Observation> {
  given(run.failedId);
  let found: ReadonlySet<string> = new Set();
  const lookForAll = async (): Promise<boolean> => {
    const events = await readTrail(run.aws, periodOfRun(run), run, () => undefined);
    found = new Set(events.filter(({ secretId }) => secretId === run.secret.arn).map(({ name }) => name));
    return names.every((name) => found.has(name));
  };
  await waitUntil(run, EVENT_WITHIN_MS, lookForAll, PAUSE_MS);
  return compare(Object.fromEntries(names.map((name) => [`CloudTrail has ${name}`, found.has(name)])));
}
