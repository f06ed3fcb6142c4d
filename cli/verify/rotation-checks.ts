import { DocumentError, parseDocument } from '../../protocol/secret/document.ts';
import { isPinsLocation } from '../../protocol/secret/pins.ts';
import { AWSCURRENT, holderOf, unfinishedVersion } from '../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine, RotationStart } from '../aws/aws.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { blocked, type Check, check, differs, holdsIf, notChecked, type TemporaryRotation } from './check.ts';
import { linesOf, until } from './follow.ts';

/** No window of this schedule opens before the temporary secret is deleted. */
const SCHEDULE_DAYS = 300;
const SCHEDULE = `rate(${SCHEDULE_DAYS} days)`;
const DAY_MS = 86_400_000;
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const ROTATION_MS = 60_000;
const QUIET_MS = 2000;

/** On a rotation by the deployed function that succeeds. */
export const ROTATION_CHECKS: readonly Check[] = [
  check('sm-test-of-schedule', [], async (rotation) => {
    const { aws, secret, functionArn, store } = rotation;
    const before = holderOf(await store.describe(), AWSCURRENT);
    const start = await aws.rotation.scheduleRotation(secret.arn, { functionArn, expression: SCHEDULE });
    if (start.kind === 'refused') {
      const seen = `RotateSecret without a rotation is refused (${start.reason})`;
      return start.reason === 'other' ? differs(seen) : blocked(`${seen}.`);
    }
    const lines = await linesOf(rotation, undefined, (found) => found.some(isEndOf('testSecret')));
    const isOver = await until(rotation, ROTATION_MS, async () => {
      return unfinishedVersion(await store.describe()) === undefined;
    });
    if (lines.length === 0) {
      return blocked('The function has logged no step.');
    }
    const steps = [...new Set(lines.map(({ step }) => step))].join(', ');
    const stays = holderOf(await store.describe(), AWSCURRENT) === before;
    return holdsIf(
      isOver && stays && steps === 'testSecret',
      `steps: ${steps}; AWSCURRENT ${stays ? 'stays' : 'moves'}; AWSPENDING ${isOver ? 'is gone' : 'stays'}`,
    );
  }),
  check('sm-steps', [], async (rotation) => {
    const { aws, secret, store, randomId, config } = rotation;
    if (rotation.keys !== undefined && !(isPinsLocation(config.pins) && config.pins.count === 'each')) {
      return notChecked('The function rotates only API keys that its configuration names.');
    }
    const { lastRotatedAt } = await aws.rotation.describeSecret(secret.arn);
    const token = randomId();
    let start: RotationStart | undefined;
    // The test of the schedule may still run, if its end is in no log that can be read.
    await until(rotation, ROTATION_MS, async () => {
      start = await aws.rotation.startRotation(secret.arn, token);
      return start.kind === 'started' || start.reason !== 'previous-incomplete';
    });
    if (start?.kind !== 'started') {
      return blocked(`RotateSecret is refused (${start?.reason}).`);
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
      return blocked(`The rotation did not complete at once: ${failure ?? 'no end in the log'}.`);
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
      return differs('there is no date');
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
