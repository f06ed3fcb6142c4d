import { DocumentError, parseDocument } from '../../../protocol/secret/document.ts';
import { AWSCURRENT, holderOf, unfinishedVersion } from '../../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../../telemetry/log-line.ts';
import type { FunctionLogLine } from '../../aws/aws.ts';
import { catchKnown } from '../../outcome/failure.ts';
import { DAY_MS } from '../../terminal/time.ts';
import { linesOf, waitUntil } from '../follow.ts';
import { compare, given, holdsIf, UndecidedError } from '../observation.ts';
import { type Run, requireStarted } from '../run.ts';
import type { Assumptions } from './assumption.ts';
import { API, ASSUMED, documented, GUIDE } from './evidence.ts';

/** No window of this schedule opens before the temporary secret is deleted. */
const SCHEDULE_DAYS = 300;
const SCHEDULE = `rate(${SCHEDULE_DAYS} days)`;
const SCHEDULE_HOURS = 240;
const CRON_HOURS = [3, 15];
const HOUR_MS = 3_600_000;
const STEPS = 'createSecret, setSecret, testSecret, finishSecret';
const ROTATION_MS = 60_000;
const QUIET_MS = 2000;

/** On a rotation by the deployed function that succeeds. */
export const COMPLETE_ROTATION: Assumptions = {
  'aws-schedule': {
    behaviour:
      'A rotation starts when its window opens, once after several missed windows. A rate in hours counts from the full hour of the last rotation, or from a changed schedule. Several hours in cron make a schedule in hours.',
    evidence: ASSUMED,
    ifFalse: 'rotations come at another hour',
    check: async (run) => {
      const { aws, secret, clock } = run;
      await schedule(run, `rate(${SCHEDULE_HOURS} hours)`);
      const { nextRotationAt = 0, lastChangedAt = 0 } = await aws.rotation.describeSecret(secret.arn);
      // No window of this schedule opens within months.
      const month = ((new Date(clock.now()).getUTCMonth() + 6) % 12) + 1;
      await schedule(run, `cron(0 ${CRON_HOURS.join()} 1 ${month} ? *)`);
      const { nextRotationAt: cronAt = 0 } = await aws.rotation.describeSecret(secret.arn);
      // The date is the last second of a window. Its length is an hour, and a day for a schedule in
      // days.
      const hours = Math.ceil((nextRotationAt - lastChangedAt) / HOUR_MS);
      const isFullHour = (nextRotationAt + 1000) % HOUR_MS <= 1000;
      const cronHour = new Date(cronAt - 1).getUTCHours();
      return holdsIf(
        isFullHour && Math.abs(hours - SCHEDULE_HOURS) <= 1 && CRON_HOURS.includes(cronHour),
        `rate(${SCHEDULE_HOURS} hours) ends within ${hours} hours, ${isFullHour ? '' : 'not '}at a full hour; cron with the hours ${CRON_HOURS.join()} ends in hour ${cronHour}`,
      );
    },
  },
  'sm-test-of-schedule': {
    behaviour:
      'RotateImmediately=false runs testSecret only. Assumed: on a copy of the current value, without a retry.',
    evidence: documented(`${API}API_RotateSecret.html`),
    ifFalse: 'the schedule is not stored, or a test is reported as failed. No password changes',
    check: async (run) => {
      const { store } = run;
      const before = holderOf(await store.describe(), AWSCURRENT);
      const isOver = await schedule(run, SCHEDULE);
      const lines = await linesOf(run, undefined, (found) => found.some(isEndOf('testSecret')));
      if (lines.length === 0) {
        throw new UndecidedError('The function has logged no step.');
      }
      return compare({
        steps: [[...new Set(lines.map(({ step }) => step))].join(', '), 'testSecret'],
        'AWSCURRENT stays': holderOf(await store.describe(), AWSCURRENT) === before,
        'AWSPENDING is removed': isOver,
      });
    },
  },
  'sm-steps': {
    behaviour: 'A rotation invokes the function once for each of four steps. The token is the id of the new version.',
    evidence: documented(`${GUIDE}rotate-secrets_lambda-functions.html`),
    ifFalse: 'the step is refused before any change (TOKEN_NOT_PENDING, TOKEN_UNKNOWN)',
    check: async (run) => {
      const { aws, secret, store, randomId, keys, pinsName } = run;
      if (keys && pinsName === undefined) {
        throw new UndecidedError('The function rotates only API keys that its configuration names.');
      }
      const { lastRotatedAt: before } = await aws.rotation.describeSecret(secret.arn);
      const token = randomId();
      requireStarted(await aws.rotation.startRotation(secret.arn, token));
      const isDone = await waitUntil(run, ROTATION_MS, async () => {
        return holderOf(await store.describe(), AWSCURRENT) === token && (await isRemembered(run, token));
      });
      if (isDone) {
        run.rotatedId = token;
        // The date comes after the last step.
        await waitUntil(run, ROTATION_MS, async () => {
          const { lastRotatedAt } = await aws.rotation.describeSecret(secret.arn);
          run.rotatedAt = lastRotatedAt === before ? undefined : lastRotatedAt;
          return run.rotatedAt !== undefined;
        });
      }
      const lines = await linesOf(run, token, (found) => !isDone || found.some(isEndOf('finishSecret')));
      const failure = lines.findLast((line) => line.failure !== undefined)?.failure?.code;
      if (!isDone || failure !== undefined) {
        throw new UndecidedError(`The rotation did not complete at once: ${failure ?? 'no end in the log'}.`);
      }
      const started = lines.filter(({ event }) => event === STEP_EVENT.started);
      return compare({ 'steps of the version with the token': [started.map(({ step }) => step).join(', '), STEPS] });
    },
  },
  'sm-next-date': {
    behaviour: 'NextRotationDate is the latest date of the next rotation, and in the past after a failure.',
    evidence: documented(`${API}API_DescribeSecret.html`),
    ifFalse: 'the overdue check reports too early or too late',
    check: async ({ aws, secret }) => {
      const described = await aws.rotation.describeSecret(secret.arn);
      if (described.schedule !== SCHEDULE) {
        throw new UndecidedError('The schedule was not stored.');
      }
      const { nextRotationAt, lastRotatedAt, createdAt = 0 } = described;
      if (nextRotationAt === undefined) {
        return holdsIf(false, 'there is no date');
      }
      const days = Math.round((nextRotationAt - (lastRotatedAt ?? createdAt)) / DAY_MS);
      return holdsIf(days > 0 && days <= SCHEDULE_DAYS + 1, `${days} days after the last rotation, of ${SCHEDULE}`);
    },
  },
  'sm-token-reuse': {
    behaviour: 'RotateSecret with the token of an existing version starts nothing.',
    evidence: ASSUMED,
    ifFalse: '`rotate` reports a refusal, or a rotation finds nothing to do',
    check: async ({ aws, secret, store, rotatedId, clock, interrupted }) => {
      const before = JSON.stringify((await store.describe()).versions);
      const { kind } = await aws.rotation.startRotation(secret.arn, given(rotatedId));
      await clock.sleep(QUIET_MS, interrupted);
      return compare({
        'RotateSecret with a used token': [kind, 'started'],
        'the labels stay': JSON.stringify((await store.describe()).versions) === before,
      });
    },
  },
};

/**
 * Changes the schedule, of which AWS tests the function.
 *
 * @returns whether the test has ended
 * @throws UndecidedError if RotateSecret is refused
 */
async function schedule(run: Run, expression: string): Promise<boolean> {
  const { aws, secret, deployed, store } = run;
  requireStarted(await aws.rotation.scheduleRotation(secret.arn, deployed.functionArn, expression));
  return await waitUntil(run, ROTATION_MS, async () => unfinishedVersion(await store.describe()) === undefined);
}

/** Whether the credential of this version can be read. Later checks use it. */
async function isRemembered(run: Run, versionId: string): Promise<boolean> {
  const read = async () => parseDocument((await run.store.read(versionId)) ?? '');
  const document = await catchKnown(read(), DocumentError);
  if (document instanceof DocumentError) {
    return false;
  }
  const { username, password } = document;
  run.stored = { ...run.stored, username, password };
  return true;
}

function isEndOf(of: string): (line: FunctionLogLine) => boolean {
  return ({ step, event }) => step === of && (event === STEP_EVENT.finished || event === STEP_EVENT.failed);
}
