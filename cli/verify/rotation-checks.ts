import { parseDocument } from '../../protocol/secret/document.ts';
import { AWSCURRENT, holderOf, unfinishedVersion } from '../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../telemetry/log-line.ts';
import type { RotationStart } from '../aws/aws.ts';
import { blocked, type Check, differs, holdsIf, notChecked } from './check.ts';
import { linesOf, until } from './follow.ts';

/** No window of this schedule opens before the temporary secret is deleted. */
const SCHEDULE = 'rate(300 days)';
const SCHEDULE_MS = 300 * 86_400_000;
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const ROTATION_MS = 60_000;
const NO_ROTATION = 'No rotation of the temporary secret completed.';

/** On a rotation by the deployed function that succeeds. */
export const ROTATION_CHECKS: Readonly<Record<string, Check>> = {
  'test-of-schedule': {
    covers: ['sm-test-of-schedule'],
    run: async (rotation) => {
      const { aws, secret, functionArn, store } = rotation;
      const before = holderOf(await store.describe(), AWSCURRENT);
      const start = await aws.rotation.scheduleRotation(secret.arn, { functionArn, expression: SCHEDULE });
      if (start.kind === 'refused') {
        return differs(`RotateSecret without a rotation is refused (${start.reason})`);
      }
      const lines = await linesOf(rotation, undefined, (found) => found.some(isEnd('testSecret')));
      const isOver = await until(rotation, ROTATION_MS, async () => {
        return unfinishedVersion(await store.describe()) === undefined;
      });
      const steps = [...new Set(lines.map(({ step }) => step))];
      const stays = holderOf(await store.describe(), AWSCURRENT) === before;
      const seen = `steps: ${steps.join(', ') || 'none'}; AWSCURRENT ${stays ? 'stays' : 'moves'}; AWSPENDING ${isOver ? 'is gone' : 'stays'}`;
      if (lines.length === 0) {
        return blocked('The function has logged no step.');
      }
      return holdsIf(isOver && stays && steps.join() === 'testSecret', seen);
    },
  },

  steps: {
    covers: ['sm-steps'],
    run: async (rotation) => {
      const { aws, secret, store, randomId, config } = rotation;
      if (rotation.keys !== undefined && config.pins['count'] !== 'each') {
        return notChecked('The function rotates only API keys that its configuration names.');
      }
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
        return holderOf(await store.describe(), AWSCURRENT) === token;
      });
      if (isDone) {
        const { username, password } = parseDocument((await store.read(token)) ?? '');
        rotation.stored = { ...rotation.stored, username, password };
        rotation.rotatedId = token;
        // The date comes after the last step.
        await until(rotation, ROTATION_MS, async () => {
          rotation.rotatedAt = (await aws.rotation.describeSecret(secret.arn)).lastRotatedAt;
          return rotation.rotatedAt !== undefined;
        });
      }
      const lines = await linesOf(rotation, token, (found) => !isDone || found.some(isEnd('finishSecret')));
      if (!isDone) {
        const code = lines.findLast(({ failure }) => failure !== undefined)?.failure?.code ?? 'no end in the log';
        return blocked(`The rotation did not complete: ${code}.`);
      }
      const started = lines.filter(({ event }) => event === STEP_EVENT.started).map(({ step }) => step);
      return holdsIf(
        started.join() === STEPS.join(),
        `steps: ${started.join(', ') || 'none'}; the new version has the id of the request`,
      );
    },
  },

  'next-date': {
    covers: ['sm-next-date'],
    run: async ({ aws, secret }) => {
      const { nextRotationAt, lastRotatedAt, createdAt = 0 } = await aws.rotation.describeSecret(secret.arn);
      const days = Math.round(((nextRotationAt ?? Number.NaN) - (lastRotatedAt ?? createdAt)) / 86_400_000);
      return holdsIf(
        nextRotationAt !== undefined && days > 0 && days <= SCHEDULE_MS / 86_400_000 + 1,
        nextRotationAt === undefined ? 'there is no date' : `${days} days after the last rotation, of ${SCHEDULE}`,
      );
    },
  },

  'token-reuse': {
    covers: ['sm-token-reuse'],
    run: async ({ aws, secret, store, rotatedId, clock, interrupted }) => {
      if (rotatedId === undefined) {
        return notChecked(NO_ROTATION);
      }
      const before = JSON.stringify((await store.describe()).versions);
      const { kind } = await aws.rotation.startRotation(secret.arn, rotatedId);
      await clock.sleep(2000, interrupted);
      const stays = JSON.stringify((await store.describe()).versions) === before;
      return holdsIf(
        kind === 'started' && stays,
        `RotateSecret with a used token is ${kind === 'started' ? 'accepted' : 'refused'}; the labels ${stays ? 'stay' : 'move'}`,
      );
    },
  },
};

function isEnd(of: string): (line: { readonly step: string | undefined; readonly event: string }) => boolean {
  return ({ step, event }) => step === of && (event === STEP_EVENT.finished || event === STEP_EVENT.failed);
}
