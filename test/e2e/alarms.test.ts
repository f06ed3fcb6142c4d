import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { CancelRotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, expect, test } from 'vitest';
import { newSecret, rotateToItsEnd, rotationSettles, setRetries } from '../support/deployed-rotation.ts';
import { awsOptions, deadEndpoint, newPassword, secretsManager, servers, uniqueName } from '../support/servers.ts';

let secret: string;
let stackName: string;
let inbox: Inbox;

beforeAll(async () => {
  const { url } = await deadEndpoint();
  secret = await newSecret(JSON.stringify({ endpoint: url, username: 'nobody', password: newPassword() }));
  stackName = uniqueName('Alarms').replace('_', '');
  const { outputs } = await servers().deploy(
    JSON.stringify({
      stackName,
      function: { allowedEndpoints: ['127.0.0.1'] },
      secrets: [{ name: secret, schedule: 'rate(300 days)' }],
      monitoring: {},
    }),
  );
  inbox = await subscribedTo(outputs[stackName]?.['AlarmTopicArn'] ?? '');
  await rotationSettles(secret);
  await setRetries(secret, 0);
}, 120_000);

test('a rotation that fails reaches a subscriber of the topic, as an event and as alarms with their entries in the runbook', async () => {
  await rotateToItsEnd(secret);
  await inbox.until((message) => message.includes('RotationFailed: ') && message.includes(secret));
  expect(await alarmOf('RotationFailed')).toContain('docs/operations.md#rotation-failed');
  expect(await alarmOf('FunctionErrors')).toContain('docs/operations.md#function-errors');
});

/** What a subscriber is told of the alarm. */
async function alarmOf(id: string): Promise<string> {
  // The test of the configuration fails too, and may have raised the alarm before anyone had subscribed: it is told once.
  const cloudWatch = new CloudWatchClient(awsOptions());
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: stackName }));
  const AlarmName = MetricAlarms.map((alarm) => alarm.AlarmName).find((name) => name?.includes(id));
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason: 'not told yet' }));
  // The emulator looks at its alarms when a metric is put; AWS does by itself, every minute.
  await cloudWatch.send(
    new PutMetricDataCommand({ Namespace: 'Test', MetricData: [{ MetricName: 'Tick', Value: 1 }] }),
  );
  return inbox.until((message) => /NewStateValue\W+ALARM/.test(message) && message.includes(id));
}

test('a rotation that was turned off and forgotten is found by the check, and named', async () => {
  await secretsManager().send(new CancelRotateSecretCommand({ SecretId: secret }));
  expect(await overdueCheck()).toContain(`OVERDUE: 1 of the rotations did not happen: ${secret}.`);
});

/** The answer of the stack's check for overdue rotations. */
async function overdueCheck(): Promise<string> {
  const lambda = new LambdaClient(awsOptions());
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  const FunctionName = Functions.map((fn) => fn.FunctionName ?? '').find(
    (name) => name.startsWith(stackName) && name.includes('Overdue'),
  );
  const answer = await lambda.send(new InvokeCommand({ FunctionName }));
  expect(answer.FunctionError).toBeDefined();
  return Buffer.from(answer.Payload ?? []).toString();
}

interface Inbox {
  /** Waits for a message that fits, and keeps the others for later calls. */
  until(fits: (message: string) => boolean): Promise<string>;
}

async function subscribedTo(TopicArn: string): Promise<Inbox> {
  const sqs = new SQSClient(awsOptions());
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: uniqueName('inbox') }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const Endpoint = Attributes?.['QueueArn'];
  await new SNSClient(awsOptions()).send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  const received: string[] = [];
  return {
    until: async (fits) => {
      for (let polls = 0; polls < 30; polls++) {
        const message = received.find(fits);
        if (message !== undefined) {
          return message;
        }
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
        );
        received.push(...Messages.map(({ Body = '{}' }) => (JSON.parse(Body) as { Message: string }).Message));
      }
      throw new Error(`No such message in half a minute. Received: ${JSON.stringify(received)}`);
    },
  };
}
