import { expect, test } from 'vitest';
import { account, localAws, region } from '../support/local-aws.ts';

const aws = localAws({ retries: 0 });

const names = (events: readonly Record<string, unknown>[]) =>
  events.map((event) => (event['detail'] as { eventName: string }).eventName);

test('a rotation sends events to EventBridge in the format of AWS', { timeout: 30_000 }, async () => {
  const [secretId, rotation] = await Promise.all([aws.secret(), aws.rotationFunction()]);
  const received = await aws.eventsOf(secretId);
  await aws.rotate(secretId, { RotationLambdaARN: rotation.arn });
  const events = await received('RotationSucceeded');
  expect(names(events)).toEqual(['RotationStarted', 'RotationSucceeded']);
  expect(events[0]).toMatchObject({
    version: '0',
    source: 'aws.secretsmanager',
    'detail-type': 'AWS Service Event via CloudTrail',
    account,
    region,
    resources: [],
    detail: {
      eventSource: 'secretsmanager.amazonaws.com',
      eventName: 'RotationStarted',
      eventType: 'AwsServiceEvent',
      awsRegion: region,
      recipientAccountId: account,
      userIdentity: { accountId: account, invokedBy: 'secretsmanager.amazonaws.com' },
      additionalEventData: { SecretId: secretId },
    },
  });
});

test('a failed attempt sends RotationFailed', { timeout: 30_000 }, async () => {
  const [secretId, rotation] = await Promise.all([
    aws.secret(),
    aws.rotationFunction({ failStep: 'setSecret', failTimes: 1 }),
  ]);
  const received = await aws.eventsOf(secretId);
  await aws.rotate(secretId, { RotationLambdaARN: rotation.arn });
  expect(names(await received('RotationFailed'))).toEqual(['RotationStarted', 'RotationFailed']);
});

test("a person's write during a rotation sends RotationAbandoned", { timeout: 30_000 }, async () => {
  const [secretId, rotation] = await Promise.all([aws.secret(), aws.rotationFunction()]);
  const received = await aws.eventsOf(secretId);
  await aws.holdBefore('setSecret', secretId, { RotationLambdaARN: rotation.arn });
  await aws.secrets.putSecretValue({ SecretId: secretId, SecretString: 'written by a person' });
  expect(names(await received('RotationAbandoned'))).toEqual(['RotationStarted', 'RotationAbandoned']);
});

test('a test of the configuration sends TestRotation events', { timeout: 30_000 }, async () => {
  const [secretId, good, bad] = await Promise.all([
    aws.secret(),
    aws.rotationFunction(),
    aws.rotationFunction({ failStep: 'testSecret', failTimes: 1 }),
  ]);
  const received = await aws.eventsOf(secretId);
  await aws.rotate(secretId, { RotationLambdaARN: good.arn, RotateImmediately: false });
  expect(names(await received('TestRotationSucceeded'))).toEqual(['TestRotationStarted', 'TestRotationSucceeded']);
  await aws.rotate(secretId, { RotationLambdaARN: bad.arn, RotateImmediately: false });
  expect(names(await received('TestRotationFailed'))).toEqual(['TestRotationStarted', 'TestRotationFailed']);
});
