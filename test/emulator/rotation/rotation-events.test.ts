import { expect, test } from 'vitest';
import { account, localAws, region } from '../support/local-aws.ts';

const aws = localAws({ retries: 0 });

const names = (events: readonly Record<string, unknown>[]) =>
  events.map((event) => (event['detail'] as { eventName: string }).eventName);

test('a rotation sends events to EventBridge in the format of AWS', async () => {
  const { secretId, configuration } = await aws.secretAndFunction();
  const received = await aws.eventsOf(secretId);
  await aws.rotate(secretId, configuration);
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

test.each([
  ['a failed attempt', 'setSecret', {}, ['RotationStarted', 'RotationFailed']],
  ['a passed test', '', { RotateImmediately: false }, ['TestRotationStarted', 'TestRotationSucceeded']],
  ['a failed test', 'testSecret', { RotateImmediately: false }, ['TestRotationStarted', 'TestRotationFailed']],
])('%s sends events', async (_, failStep, input, expected) => {
  const { secretId, configuration } = await aws.secretAndFunction({ failStep, failTimes: 1 });
  const received = await aws.eventsOf(secretId);
  await aws.rotate(secretId, { ...configuration, ...input });
  expect(names(await received(expected[1] ?? ''))).toEqual(expected);
});

test("a person's write during a rotation sends RotationAbandoned", async () => {
  const { secretId, configuration } = await aws.secretAndFunction();
  const received = await aws.eventsOf(secretId);
  await aws.holdBefore('setSecret', secretId, configuration);
  await aws.secrets.putSecretValue({ SecretId: secretId, SecretString: 'written by a person' });
  expect(names(await received('RotationAbandoned'))).toEqual(['RotationStarted', 'RotationAbandoned']);
});
