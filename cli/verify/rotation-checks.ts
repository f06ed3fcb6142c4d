import { DocumentError, parseDocument } from '../../protocol/secret/document.ts';
import { AWSCURRENT, holderOf, unfinishedVersion } from '../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine, RotatingSecret, RotationStart } from '../aws/aws.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type Check, check, given, holdsIf, type TemporaryRotation, undecided } from './check.ts';
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
    const rate = await scheduled(rotation, `rate(${SCHEDULE_HOURS} hours)`);
    // No window of it opens within months.
    const month = ((new Date(rotation.clock.now()).getUTCMonth() + 6) % 12) + 1;
    const cron = await scheduled(rotation, `cron(0 ${CRON_HOURS} 1 ${month} ? *)`);
    if (rate?.nextRotationAt === undefined || cron?.nextRotationAt === undefined) {
      return undecided('RotateSecret with another schedule is refused, or there is no date.');
    }
    // The date is the last second of a window. Its length is an hour, and a day for a schedule in
    // days.
    const hours = Math.ceil((rate.nextRotationAt - (rate.lastChangedAt ?? 0)) / HOUR_MS);
    const isFullHour = (rate.nextRotationAt + 1000) % HOUR_MS <= 1000;
    const end = new Date(cron.nextRotationAt - 1).getUTCHours();
    return holdsIf(
      isFullHour && Math.abs(hours - SCHEDULE_HOURS) <= 1 && CRON_HOURS.split(',').includes(String(end)),
      `rate(${SCHEDULE_HOURS} hours) ends within ${hours} hours, ${isFullHour ? '' : 'not '}at a full hour; cron with the hours ${CRON_HOURS} ends in hour ${end}`,
    );
  }),
  check('sm-test-of-schedule', [], async (rotation) => {
    const { aws, secret, deployed, store } = rotation;
    const before = holderOf(await store.describe(), AWSCURRENT);
    const start = await aws.rotation.scheduleRotation(secret.arn, { ...deployed, expression: SCHEDULE });
    if (start.kind === 'refused') {
      const seen = `RotateSecret without a rotation is refused (${start.reason})`;
      return start.reason === 'other' ? holdsIf(false, seen) : undecided(`${seen}.`);
    }
    const lines = await linesOf(rotation, undefined, (found) => found.some(isEndOf('testSecret')));
    const isOver = await isQuiet(rotation);
    if (lines.length === 0) {
      return undecided('The function has logged no step.');
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
    if (keys !== undefined && pinsName === undefined) {
      return undecided('The function rotates only API keys that its configuration names.');
    }
    const { lastRotatedAt } = await aws.rotation.describeSecret(secret.arn);
    const token = randomId();
    // The test of the schedule may still run, if its end is in no log that can be read.
    const start = await startWhenFree(rotation, () => aws.rotation.startRotation(secret.arn, token));
    if (start.kind === 'refused') {
      return undecided(`RotateSecret is refused (${start.reason}).`);
    }
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
      return undecided(`The rotation did not complete at once: ${failure ?? 'no end in the log'}.`);
    }
    const started = lines.filter(({ event }) => event === STEP_EVENT.started).map(({ step }) => step);
    return holdsIf(
      started.join() === STEPS.join(),
      `steps: ${started.join(', ') || 'none'}; the new version has the id of the request`,
    );
  }),
  check('sm-next-date', [], async ({ aws, secret }) => {
    const { nextRotationAt, lastRotatedAt, createdAt = 0 } = await aws.rotation.describeSecret(secret.arn);
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

/** Repeats RotateSecret while a test of a schedule runs. */
async function startWhenFree(rotation: TemporaryRotation, start: () => Promise<RotationStart>): Promise<RotationStart> {
  let answer: RotationStart | undefined;
  await until(rotation, ROTATION_MS, async () => {
    answer = await start();
    return answer.kind === 'started' || answer.reason !== 'previous-incomplete';
  });
  return given(answer);
}

/** Waits until no rotation and no test of a schedule runs. */
async function isQuiet(rotation: TemporaryRotation): Promise<boolean> {
  const isOver = async () => unfinishedVersion(await rotation.store.describe()) === undefined;
  return await until(rotation, ROTATION_MS, isOver);
}

/** Changes the schedule. @returns the secret. `undefined`: RotateSecret is refused */
async function scheduled(rotation: TemporaryRotation, expression: string): Promise<RotatingSecret | undefined> {
  const { aws, secret, deployed } = rotation;
  const schedule = () => aws.rotation.scheduleRotation(secret.arn, { ...deployed, expression });
  const { kind } = await startWhenFree(rotation, schedule);
  await isQuiet(rotation);
  return kind === 'started' ? await aws.rotation.describeSecret(secret.arn) : undefined;
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
