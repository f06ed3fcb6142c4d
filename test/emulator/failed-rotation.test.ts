import { describe, expect, test } from 'vitest';
import { localAws } from './support/local-aws.ts';

const spacing = 3600;
const aws = localAws({ retries: 2, retrySpacingSeconds: spacing });

async function failing(failStep: string, failTimes: number) {
  const { secretId, rotation, configuration } = await aws.secretAndFunction({ failStep, failTimes });
  const token = await aws.rotate(secretId, configuration);
  return { secretId, rotation, token };
}

const nextAttempt = () => aws.control('POST', 'clock', { advance_seconds: spacing });
const eventNames = (state: { history: readonly { event: string }[] }) => state.history.map((entry) => entry.event);

describe('a failed step', { timeout: 30_000 }, () => {
  test('ends the attempt, and after the spacing the next attempt has the same token', async () => {
    const { secretId, rotation, token } = await failing('setSecret', 1);
    const waiting = await aws.until(secretId, 'waiting');
    expect(waiting).toMatchObject({ attempt: 1, token });
    expect(waiting.history.at(-1)?.reason).toMatch(/^setSecret failed: [\w.]+$/);
    expect(JSON.stringify(waiting)).not.toContain('configured to fail');
    expect(rotation.notes().map((note) => note.Step)).toEqual(['createSecret', 'setSecret']);
    await nextAttempt();
    const ended = await aws.until(secretId, 'idle');
    expect(rotation.notes().map((note) => note.Step)).toEqual([
      'createSecret',
      'setSecret',
      'createSecret',
      'setSecret',
      'testSecret',
      'finishSecret',
    ]);
    expect(new Set(rotation.notes().map((note) => note.ClientRequestToken))).toEqual(new Set([token]));
    expect(eventNames(ended)).toEqual(['RotationStarted', 'RotationFailed', 'RotationStarted', 'RotationSucceeded']);
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(token);
  });

  test('is retried a limited number of times and leaves AWSPENDING on the version', async () => {
    const { secretId, rotation, token } = await failing('testSecret', 99);
    for (const attempt of [1, 2]) {
      expect((await aws.until(secretId, 'waiting')).attempt).toBe(attempt);
      await nextAttempt();
    }
    const ended = await aws.until(secretId, 'idle');
    await nextAttempt();
    expect((await aws.until(secretId, 'idle')).history).toEqual(ended.history);
    expect(rotation.notes().filter((note) => note.Step === 'testSecret')).toHaveLength(3);
    expect(await aws.holder(secretId, 'AWSPENDING')).toBe(token);
    expect(await aws.value(secretId)).toBe('first value');
  });
});

describe('CancelRotateSecret', { timeout: 30_000 }, () => {
  test('starts no further step, leaves AWSPENDING, and turns rotation off', async () => {
    const { secretId, rotation, configuration } = await aws.secretAndFunction();
    const RotationRules = { AutomaticallyAfterDays: 1 };
    const token = await aws.holdBefore('testSecret', secretId, { ...configuration, RotationRules });
    const cancelled = await aws.secrets.cancelRotateSecret({ SecretId: secretId });
    expect(cancelled.VersionId).toBe(token);
    await aws.until(secretId, 'idle');
    expect(rotation.notes().map((note) => note.Step)).toEqual(['createSecret', 'setSecret']);
    const described = await aws.describe(secretId);
    expect(described.RotationEnabled).toBe(false);
    expect(described.NextRotationDate).toBeUndefined();
    expect(described.RotationLambdaARN).toBe(rotation.arn);
    expect(described.VersionIdsToStages?.[token]).toEqual(['AWSPENDING']);
  });

  test('ends the retries of a failed rotation', async () => {
    const { secretId, rotation } = await failing('setSecret', 99);
    await aws.until(secretId, 'waiting');
    await aws.secrets.cancelRotateSecret({ SecretId: secretId });
    await aws.until(secretId, 'idle');
    await nextAttempt();
    await aws.until(secretId, 'idle');
    expect(rotation.notes()).toHaveLength(2);
  });
});

describe("a person's write during a rotation", { timeout: 30_000 }, () => {
  const writes = {
    PutSecretValue: (SecretId: string) => aws.secrets.putSecretValue({ SecretId, SecretString: 'written by a person' }),
    UpdateSecret: (SecretId: string) => aws.secrets.updateSecret({ SecretId, SecretString: 'written by a person' }),
  };

  test.for(Object.entries(writes))('abandons the rotation: %s', async ([, write]) => {
    const { secretId, rotation, configuration } = await aws.secretAndFunction();
    const before = await aws.holder(secretId, 'AWSCURRENT');
    const token = await aws.holdBefore('finishSecret', secretId, configuration);
    const written = await write(secretId);
    const ended = await aws.until(secretId, 'idle');
    expect(eventNames(ended)).toEqual(['RotationStarted', 'RotationAbandoned']);
    expect(ended.history.at(-1)?.token).toBe(token);
    expect(rotation.notes().map((note) => note.Step)).toEqual(['createSecret', 'setSecret', 'testSecret']);
    expect((await aws.describe(secretId)).VersionIdsToStages).toEqual({
      [written.VersionId ?? '']: ['AWSCURRENT'],
      [before ?? '']: ['AWSPREVIOUS'],
    });
    expect(await aws.value(secretId)).toBe('written by a person');
  });

  test('abandons a failed rotation too, so that the next rotation can start', async () => {
    const { secretId, token } = await failing('setSecret', 1);
    await aws.until(secretId, 'waiting');
    await writes.PutSecretValue(secretId);
    expect((await aws.until(secretId, 'idle')).history.at(-1)).toMatchObject({ event: 'RotationAbandoned', token });
    const { token: next } = await aws.rotateToEnd(secretId);
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(next);
  });

  test('removes AWSPENDING from the version of a finished rotation and abandons nothing', async () => {
    const { secretId, configuration } = await aws.secretAndFunction();
    const { token } = await aws.rotateToEnd(secretId, configuration);
    expect(await aws.holder(secretId, 'AWSPENDING')).toBe(token);
    await writes.PutSecretValue(secretId);
    expect((await aws.describe(secretId)).VersionIdsToStages?.[token]).toEqual(['AWSPREVIOUS']);
    expect(eventNames(await aws.until(secretId, 'idle'))).not.toContain('RotationAbandoned');
  });

  test('abandons nothing if the write does not move AWSCURRENT', async () => {
    const { secretId, configuration } = await aws.secretAndFunction();
    const token = await aws.holdBefore('finishSecret', secretId, configuration);
    await aws.secrets.putSecretValue({ SecretId: secretId, SecretString: 'aside', VersionStages: ['ASIDE'] });
    await aws.release(secretId);
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(token);
  });
});
