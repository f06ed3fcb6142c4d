import { DocumentError, parseDocument } from '../../protocol/secret/document.ts';
import { AWSCURRENT, holderOf, unfinishedVersion } from '../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine, RotatingSecret } from '../aws/aws.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type Check, check, holdsIf, requireStarted, type TemporaryRotation, UndecidedError } from './check.ts';
import { linesOf, until } from './follow.ts';

/** No window of this schedule opens before the temporary secret is deleted. */
const SCHEDULE_DAYS = 300;
const SCHEDULE = `rate(${SCHEDULE_DAYS} days)`;
const DAY_MS = 86_400_000;
const SCHEDULE_HOURS = 240;
const CRON_HOURS = '3,15';
const HOUR_MS = 3_600_000;
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const ROTATION_MS = 60_000;
const QUIET_MS = 2000;

/** On a rotation by the deployed function that succeeds. */
export const ROTATION_CHECKS: readonly Check[] = [
  check('aws-schedule', [], async (rotation) => {
    const { aws, secret, clock } = rotation;
    // No window of the second one opens within months.
    const month = ((new Date(clock.now()).getUTCMonth() + 6) % 12) + 1;
    const secrets: RotatingSecret[] = [];
    for (const expression of [`rate(${SCHEDULE_HOURS} hours)`, `cron(0 ${CRON_HOURS} 1 ${month} ? *)`]) {
      await schedule(rotation, expression);
      secrets.push(await aws.rotation.describeSecret(secret.arn));
    }
    const [{ nextRotationAt = 0, lastChangedAt = 0 } = {}, { nextRotationAt: cronAt = 0 } = {}] = secrets;
    // The date is the last second of a window. Its length is an hour, and a day for a schedule in
    // days.
    const hours = Math.ceil((nextRotationAt - lastChangedAt) / HOUR_MS);
    const isFullHour = (nextRotationAt + 1000) % HOUR_MS <= 1000;
    const end = new Date(cronAt - 1).getUTCHours();
    return holdsIf(
      isFullHour && Math.abs(hours - SCHEDULE_HOURS) <= 1 && CRON_HOURS.split(',').includes(String(end)),
      `rate(${SCHEDULE_HOURS} hours) ends within ${hours} hours, ${isFullHour ? '' : 'not '}at a full hour; cron with the hours ${CRON_HOURS} ends in hour ${end}`,
    );
  }),
  check('sm-test-of-schedule', [], async (rotation) => {
    const { store } = rotation;
    const before = holderOf(await store.describe(), AWSCURRENT);
    const isOver = await schedule(rotation, SCHEDULE);
    const lines = await linesOf(rotation, undefined, (found) => found.some(isEndOf('testSecret')));
    if (lines.length === 0) {
      throw new UndecidedError('The function has logged no step.');
    }
    const steps = [...new Set(lines.map(({ step }) => step))].join(', ');
    const stays = holderOf(await store.describe(), AWSCURRENT) === before;
    return holdsIf(
      isOver && stays && steps === 'testSecret',
      `steps: ${steps}; AWSCURRENT ${stays ? 'stays' : 'moves'}; AWSPENDING ${isOver ? 'is gone' : 'stays'}`,
    );
  }),
  check('sm-steps', [], async (rotation) => {
    const { aws, secret, store, randomId, keys, pinsName } = rotation;
    if (keys && pinsName === undefined) {
      throw new UndecidedError('The function rotates only API keys that its configuration names.');
    }
    const { lastRotatedAt } = await aws.rotation.describeSecret(secret.arn);
    const token = randomId();
    requireStarted(await aws.rotation.startRotation(secret.arn, token));
    const isDone = await until(rotation, ROTATION_MS, async () => {
      return holderOf(await store.describe(), AWSCURRENT) === token && (await isRemembered(rotation, token));
    });
    if (isDone) {
      rotation.rotatedId = token;
      // The date comes after the last step.
      await until(rotation, ROTATION_MS, async () => {
        const after = (await aws.rotation.describeSecret(secret.arn)).lastRotatedAt;
        rotation.rotatedAt = after === lastRotatedAt ? undefined : after;
        return rotation.rotatedAt !== undefined;
      });
    }
    const lines = await linesOf(rotation, token, (found) => !isDone || found.some(isEndOf('finishSecret')));
    const failure = lines.findLast((line) => line.failure !== undefined)?.failure?.code;
    if (!isDone || failure !== undefined) {
      throw new UndecidedError(`The rotation did not complete at once: ${failure ?? 'no end in the log'}.`);
    }
    const started = lines.filter(({ event }) => event === STEP_EVENT.started).map(({ step }) => step);
    return holdsIf(
      started.join() === STEPS.join(),
      `steps: ${started.join(', ') || 'none'}; the new version has the id of the request`,
    );
  }),
  check('sm-next-date', [], async ({ aws, secret }) => {
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
  }),
  check('sm-token-reuse', ['rotatedId'], async ({ aws, secret, store, rotatedId = '', clock, interrupted }) => {
    const before = JSON.stringify((await store.describe()).versions);
    const { kind } = await aws.rotation.startRotation(secret.arn, rotatedId);
    await clock.sleep(QUIET_MS, interrupted);
    const stays = JSON.stringify((await store.describe()).versions) === before;
    return holdsIf(
      kind === 'started' && stays,
      `RotateSecret with a used token is ${kind === 'started' ? 'accepted' : 'refused'}; the labels ${stays ? 'stay' : 'move'}`,
    );
  }),
];

/**
 * Changes the schedule, of which AWS tests the function.
 *
 * @returns whether the test has ended
 * @throws UndecidedError if RotateSecret is refused
 */
async function schedule(rotation: TemporaryRotation, expression: string): Promise<boolean> {
  const { aws, secret, deployed, store } = rotation;
  requireStarted(await aws.rotation.scheduleRotation(secret.arn, deployed.functionArn, expression));
  return await until(rotation, ROTATION_MS, async () => unfinishedVersion(await store.describe()) === undefined);
}

/** Whether the credential of this version can be read. Later checks use it. */
async function isRemembered(rotation: TemporaryRotation, versionId: string): Promise<boolean> {
  const read = async () => parseDocument((await rotation.store.read(versionId)) ?? '');
  const document = await catchKnown(read(), DocumentError);
  if (document instanceof DocumentError) {
    return false;
  }
  const { username, password } = document;
  rotation.stored = { ...rotation.stored, username, password };
  return true;
}

function isEndOf(of: string): (line: FunctionLogLine) => boolean {
  return ({ step, event }) => step === of && (event === STEP_EVENT.finished || event === STEP_EVENT.failed);
}
