import { expect, test } from 'vitest';
import { rotationView } from '../../../local/cloud/emulator-control.ts';
import { localAws } from '../support/local-aws.ts';

const aws = localAws({ rotationsAtATime: 1 });

test('runs one rotation at a time', async () => {
  const [first, second] = [await aws.secretAndFunction(), await aws.secretAndFunction()];
  await aws.holdBefore('setSecret', first.secretId, first.configuration);

  const token = await aws.rotate(second.secretId, second.configuration);
  expect(await rotationView({ awsUrl: aws.emulator.url }, second.secretId)).toMatchObject({
    state: 'waiting',
    attempt: 0,
  });
  await aws.release(first.secretId);

  await aws.until(second.secretId, 'idle');
  expect(await aws.holder(second.secretId, 'AWSCURRENT')).toBe(token);
});
