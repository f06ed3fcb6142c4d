import { describe, expect, test } from 'vitest';
import { localAws } from './support/local-aws.ts';

const aws = localAws();

describe('RotateSecret', { timeout: 30_000 }, () => {
  test('runs the four steps in order and leaves the new version current', async () => {
    const [secretId, rotation] = await Promise.all([aws.secret(), aws.rotationFunction()]);
    const before = await aws.holder(secretId, 'AWSCURRENT');
    const token = await aws.rotate(secretId, { RotationLambdaARN: rotation.arn });
    await aws.until(secretId, 'idle');
    expect(rotation.notes().map((note) => note.Step)).toEqual([
      'createSecret',
      'setSecret',
      'testSecret',
      'finishSecret',
    ]);
    expect(await aws.holder(secretId, 'AWSCURRENT')).toBe(token);
    expect(await aws.holder(secretId, 'AWSPREVIOUS')).toBe(before);
    expect(await aws.value(secretId)).toBe(`rotated to ${token}`);
  });
});
