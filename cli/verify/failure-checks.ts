import { AWSCURRENT, AWSPENDING, holderOf } from '../../protocol/secret/versions.ts';
import { STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine, RotationStart, TrailEventName } from '../aws/aws.ts';
import { formatDuration } from '../terminal/time.ts';
import {
  blocked,
  type Check,
  differs,
  holds,
  holdsIf,
  notChecked,
  type Observation,
  type TemporaryRotation,
} from './check.ts';
import { linesOf, until } from './follow.ts';
import { storeCredential } from './secret-checks.ts';

/** The function refuses this value in createSecret, before it connects to any host. */
const NO_CREDENTIAL = '{}';

const RETRY_WITHIN_MS = 900_000;
const RETRIES = 2;
const SPACING_MS = 2000;
/** After the last attempt, no other one starts for this time. */
const QUIET_MS = 10_000;
/** AWS delivers an event within 15 minutes, on average within 5. */
const TRAIL_WITHIN_MS = 900_000;
const TRAIL_PAUSE_MS = 15_000;
const NOT_FAILED = 'The rotations that this check compares did not run.';

/** On a rotation that fails on purpose, because AWSCURRENT holds no credential. */
export const FAILURE_CHECKS: Readonly<Record<string, Check>> = {
  'empty-pending': {
    covers: ['sm-empty-pending'],
    run: async (rotation) => {
      const { aws, secret, store, randomId } = rotation;
      await store.put({ versionId: randomId(), value: NO_CREDENTIAL, labels: [AWSCURRENT] });
      const token = randomId();
      const start = await aws.rotation.startRotation(secret.arn, token);
      if (start.kind === 'refused') {
        return blocked(`RotateSecret is refused (${start.reason}).`);
      }
      rotation.failedId = token;
      const isPending = holderOf(await store.describe(), AWSPENDING) === token;
      const isEmpty = (await store.read(token)) === undefined;
      return holdsIf(
        isPending && isEmpty,
        `the new version ${isPending ? 'has' : 'lacks'} AWSPENDING and ${isEmpty ? 'cannot be read' : 'has a value'}`,
      );
    },
  },

  retries: {
    covers: ['sm-retries'],
    isSlow: true,
    run: async (rotation) => {
      const attempts = rotation.failedId === undefined ? [] : await attemptsOf(rotation, 2);
      return attempts.length < 2
        ? notChecked(`No second attempt within ${formatDuration(RETRY_WITHIN_MS)}.`)
        : holdsIf(
            attempts.every(({ step }) => step === 'createSecret'),
            `a second attempt with the same token begins with ${attempts[1]?.step}`,
          );
    },
  },

  'retry-times': {
    covers: ['aws-retries'],
    isSlow: true,
    run: async (rotation) => {
      if (rotation.failedId === undefined) {
        return notChecked(NOT_FAILED);
      }
      const attempts = await attemptsOf(rotation, 1 + RETRIES);
      await rotation.clock.sleep(QUIET_MS, rotation.interrupted);
      const all = await attemptsOf(rotation, attempts.length);
      const pauses = all.slice(1).map(({ at }, index) => at - (all[index]?.at ?? at));
      const isAsAssumed =
        pauses.length === RETRIES && pauses.every((pause) => Math.abs(pause - SPACING_MS) < SPACING_MS);
      return holdsIf(isAsAssumed, `${pauses.length} retries, after ${pauses.map(formatDuration).join(', ') || 'none'}`);
    },
  },

  incomplete: {
    covers: ['sm-incomplete'],
    run: async (rotation) =>
      await ofRefusedStart(rotation, ({ kind }) => [kind === 'refused', `RotateSecret: ${kind}`]),
  },

  'refusal-text': {
    covers: ['sm-refusal-texts'],
    run: async (rotation) =>
      await ofRefusedStart(rotation, (start) => {
        const reason = start.kind === 'refused' ? start.reason : start.kind;
        return [reason === 'previous-incomplete', `the refusal is read as ${reason}`];
      }),
  },

  'refused-start': {
    covers: ['aws-refused-start'],
    run: async (rotation) => {
      const { aws, secret, failedId } = rotation;
      if (failedId === undefined) {
        return notChecked(NOT_FAILED);
      }
      await aws.rotation.cancelRotation(secret.arn);
      await aws.rotation.startRotation(secret.arn, rotation.randomId());
      const { rotationEnabled } = await aws.rotation.describeSecret(secret.arn);
      return holdsIf(rotationEnabled, `after a refused RotateSecret, rotation is ${rotationEnabled ? 'on' : 'off'}`);
    },
  },

  'write-of-person': {
    covers: ['sm-write-of-person'],
    run: async (rotation) => {
      const { store, failedId } = rotation;
      if (failedId === undefined) {
        return notChecked(NOT_FAILED);
      }
      const written = await storeCredential(rotation, [AWSCURRENT]);
      const description = await store.describe();
      const isCurrent = holderOf(description, AWSCURRENT) === written;
      const isPending = holderOf(description, AWSPENDING) === failedId;
      return holdsIf(
        isCurrent && !isPending,
        `the value ${isCurrent ? 'is' : 'is not'} AWSCURRENT, and AWSPENDING ${isPending ? 'stays' : 'is removed'}`,
      );
    },
  },

  'last-rotated': {
    covers: ['sm-last-rotated'],
    run: async ({ aws, secret, rotatedId, rotatedAt, failedId }) => {
      if (rotatedId === undefined || failedId === undefined) {
        return notChecked(NOT_FAILED);
      }
      const { lastRotatedAt } = await aws.rotation.describeSecret(secret.arn);
      const isSet = rotatedAt !== undefined;
      const stays = lastRotatedAt === rotatedAt;
      return holdsIf(
        isSet && stays,
        `after a rotation: ${isSet ? 'set' : 'not set'}; after a failed one and a write of a person: ${stays ? 'the same' : 'changed'}`,
      );
    },
  },

  events: {
    covers: ['aws-events'],
    isSlow: true,
    run: async (rotation) =>
      await inTrail(rotation, [
        'RotationStarted',
        ...(rotation.rotatedId === undefined ? [] : (['RotationSucceeded'] as const)),
        'RotationFailed',
      ]),
  },

  abandoned: {
    covers: ['sm-events'],
    isSlow: true,
    run: async (rotation) => await inTrail(rotation, ['RotationAbandoned']),
  },
};

/** The first line of each attempt of the failed rotation. No step of it succeeds. */
async function attemptsOf(rotation: TemporaryRotation, atLeast: number): Promise<readonly FunctionLogLine[]> {
  const startsIn = (lines: readonly FunctionLogLine[]) => lines.filter(({ event }) => event === STEP_EVENT.started);
  const isComplete = (lines: readonly FunctionLogLine[]): boolean => startsIn(lines).length >= atLeast;
  return startsIn(await linesOf(rotation, rotation.failedId, isComplete, RETRY_WITHIN_MS));
}

async function ofRefusedStart(
  { aws, secret, randomId, failedId }: TemporaryRotation,
  judge: (start: RotationStart) => readonly [boolean, string],
): Promise<Observation> {
  return failedId === undefined
    ? notChecked(NOT_FAILED)
    : holdsIf(...judge(await aws.rotation.startRotation(secret.arn, randomId())));
}

/** Waits until CloudTrail has an event of each name about the temporary secret. */
async function inTrail(rotation: TemporaryRotation, names: readonly TrailEventName[]): Promise<Observation> {
  const { aws, secret, startedAt, clock, failedId } = rotation;
  if (failedId === undefined) {
    return notChecked(NOT_FAILED);
  }
  const missing = new Set(names);
  const isFound = async (): Promise<boolean> => {
    for (const name of missing) {
      const period = { since: startedAt - 1000, until: clock.now() };
      for (let page: string | undefined, isLast = false; !isLast; ) {
        const answer = await aws.trail.readEvents(name, period, page);
        if (answer.events.some(({ secretId }) => secretId === secret.arn)) {
          missing.delete(name);
        }
        page = answer.nextPage;
        isLast = page === undefined;
      }
    }
    return missing.size === 0;
  };
  await until(rotation, TRAIL_WITHIN_MS, isFound, TRAIL_PAUSE_MS);
  const found = names.filter((name) => !missing.has(name));
  const seen = `CloudTrail has ${found.join(', ') || 'no event'} with the ARN of the secret`;
  return missing.size === 0
    ? holds(seen)
    : differs(`${seen}, and no ${[...missing].join(', ')} within ${formatDuration(TRAIL_WITHIN_MS)}`);
}
