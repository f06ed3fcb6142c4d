import type { FunctionLogLine } from '../../../../cli/aws/aws.ts';
import { STEPS } from '../../../../protocol/rotation/rotation-request.ts';
import { AWSCURRENT, AWSPENDING } from '../../../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../../../telemetry/log-line.ts';
import type { InMemorySecret } from '../../../support/in-memory-secret.ts';
import { replace } from '../../support/replace.ts';
import type { VerifyWorld } from '../../support/verify-world.ts';
import { failPut, storeError } from './of-secrets.ts';
import { inStore, type Planted, withKey, withUser } from './planted.ts';

/** What differs in the world of a check. */
const WORLDS: ReadonlyArray<readonly [id: string, verdict: string, why: string, Partial<VerifyWorld>]> = [
  ['sm-test-of-schedule', 'differs', 'a test creates a version', { testedSteps: ['createSecret', 'testSecret'] }],
  ['sm-steps', 'differs', 'a step runs twice', { steps: [...STEPS.slice(0, 2), ...STEPS.slice(1)] }],
  ['sm-steps', 'undecided', 'a step failed and was repeated', { failsOnce: true }],
  ['sm-next-date', 'differs', 'the date is in the past', { nextRotationAt: () => 0 }],
  ['sm-retries', 'differs', 'there is no retry', { attemptsAt: [0] }],
  ['aws-retries', 'differs', 'there is one retry', { attemptsAt: [0, 2000] }],
  ['aws-retries', 'differs', 'the second retry is late', { attemptsAt: [0, 2000, 8000] }],
  ['aws-events', 'differs', 'an event is missing', { missingEvents: new Set(['RotationSucceeded']) }],
  ['aws-events', 'holds', 'the clock of this machine is five minutes fast', { skewMs: -300_000 }],
  ['sm-events', 'differs', 'the event is missing', { missingEvents: new Set(['RotationAbandoned']) }],
  ['sm-last-rotated', 'undecided', 'no rotation fails after createSecret', { failsIn: 'createSecret' }],
];

/** In Secrets Manager and CloudTrail, on rotations that succeed or fail. */
export const OF_ROTATIONS: readonly Planted[] = [
  ...WORLDS.map(([id, verdict, why, world]) => withUser(id, verdict, why, (each) => void Object.assign(each, world))),
  withUser('aws-schedule', 'differs', 'the hours of cron are ignored', (world) => {
    replace(world, 'nextRotationAt', (next) => (expression, now) => {
      return next(expression, now) + (expression.startsWith('cron') ? 20 * 3_600_000 : 0);
    });
  }),
  ...['sm-test-of-schedule', 'sm-next-date'].map((id) =>
    withUser(id, 'undecided', 'the function may not be invoked', ({ fixture: { aws } }) => {
      aws.rotation.scheduleRotation = async () => ({ kind: 'refused', reason: 'not-invocable', answer: '' });
    }),
  ),
  withKey('sm-steps', 'undecided', 'the function reads no pins', ({ fixture: { aws } }) => {
    delete aws.environment['SECRET_TARGETS'];
  }),
  withUser('sm-token-reuse', 'differs', 'a used token is refused', ({ fixture: { aws } }) => {
    replace(aws.rotation, 'startRotation', (startRotation) => async (secretId, token) => {
      const isUsed = aws.secret(secretId).store.versionIds.includes(token);
      return isUsed ? { kind: 'refused', reason: 'other', answer: 'exists' } : await startRotation(secretId, token);
    });
  }),
  inStore('sm-empty-pending', 'differs', 'the new version has the current value', (store) => {
    replace(store, 'startRotation', (startRotation) => (token) => {
      const isStarted = startRotation(token);
      if (isNoCredential(store, AWSCURRENT)) {
        void store.put({ versionId: token, value: '{}', labels: [AWSPENDING] });
      }
      return isStarted;
    });
  }),
  withUser('sm-incomplete', 'differs', 'RotateSecret is not refused', ({ fixture: { aws } }) => {
    replace(aws.rotation, 'startRotation', (startRotation) => async (...request) => {
      await startRotation(...request);
      return { kind: 'started' };
    });
  }),
  withUser('aws-refused-start', 'differs', 'a refused RotateSecret leaves rotation off', staysOff),
  withUser('sm-refusal-texts', 'differs', 'the text is another one', ({ fixture: { aws } }) => {
    replace(aws.rotation, 'startRotation', (startRotation) => async (...request) => {
      const start = await startRotation(...request);
      return start.kind === 'refused' ? { ...start, reason: 'other' } : start;
    });
  }),
  withUser('aws-stopped', 'differs', 'retries go on after the cancellation', ({ fixture: { aws, clock } }) => {
    replace(aws.rotation, 'cancelRotation', (cancelRotation) => async (secretId) => {
      await cancelRotation(secretId);
      const { lines } = aws.secret(secretId);
      const last = lines.findLast(({ event }) => event === STEP_EVENT.started);
      for (const pause of last === undefined ? [] : [2000, 4000]) {
        clock.after(pause, () => lines.push({ ...last, at: clock.now() } as FunctionLogLine));
      }
    });
  }),
  inStore('sm-rotation-token', 'differs', 'a write needs the token', (store) => {
    const error = storeError('PutSecretValue', 'InvalidParameterException', 'refused');
    failPut(store, error, ({ value, labels }) => value === '{}' && labels.includes(AWSPENDING));
  }),
  inStore('sm-write-of-person', 'differs', 'AWSPENDING stays', (store) => {
    replace(store, 'removePendingByHand', (remove) => () => {
      // Only the check has stored this value for a failed rotation.
      if (!isNoCredential(store, AWSPENDING)) {
        remove();
      }
    });
  }),
  withUser('aws-events', 'holds', 'the events come late', ({ fixture: { aws, clock } }) => {
    let since = 0;
    replace(aws, 'readEvents', (readEvents) => async (...asked) => {
      since ||= clock.now();
      return clock.now() - since < 60_000 ? [] : await readEvents(...asked);
    });
  }),
  inStore('sm-last-rotated', 'differs', 'a finishSecret that dies sets the date', (store, { fixture: { clock } }) => {
    replace(store, 'promote', (promote) => async (move) => {
      const isUnknown = store.valueOf(move.to)?.includes('"zunknown_');
      store.lastRotatedAt = isUnknown ? clock.now() : store.lastRotatedAt;
      return await promote(move);
    });
  }),
  inStore('sm-last-rotated', 'differs', 'the date was set before the rotation', (store) => {
    Object.defineProperty(store, 'lastRotatedAt', { get: () => 1000, set: () => undefined });
  }),
  withUser('sm-last-rotated', 'undecided', 'the next attempt ends the rotation', (world) => {
    world.onSecret = ({ store, lines }) => {
      replace(store, 'promote', (promote) => async (move) => {
        const last = lines.at(-1);
        if (last?.versionId === move.to) {
          lines.push({ ...last, event: STEP_EVENT.finished, step: 'finishSecret' });
        }
        return await promote(move);
      });
    };
  }),
  withKey('sm-last-rotated', 'undecided', 'rotation is off', staysOff),
];

/** A refused RotateSecret does not turn rotation on, so there is no date of the last rotation. */
function staysOff({ fixture: { aws } }: VerifyWorld): void {
  replace(aws.rotation, 'startRotation', (startRotation) => async (secretId, token) => {
    const start = await startRotation(secretId, token);
    aws.secret(secretId).store.rotationEnabled = start.kind === 'started';
    return start;
  });
  replace(aws.rotation, 'describeSecret', (describeSecret) => async (secretId) => {
    const { lastRotatedAt, ...described } = await describeSecret(secretId);
    return { ...described, lastRotatedAt: described.rotationEnabled ? lastRotatedAt : undefined };
  });
}

/** Whether a label is on the value with which the command lets a rotation fail. */
function isNoCredential(store: InMemorySecret, label: string): boolean {
  return store.valueOf(store.holder(label) ?? '') === '{}';
}
