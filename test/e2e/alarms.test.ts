import { CloudWatchClient, DescribeAlarmsCommand, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { CancelRotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, expect, test } from 'vitest';
import type { Credentials } from '../../cluster/cluster.ts';
import { createMilvusCluster } from '../../cluster/milvus-cluster.ts';
import { newSecret, rotateToItsEnd, rotationSettles, setRetries } from '../support/deployed-rotation.ts';
import { awsOptions, newClusterUser, newPassword, secretsManager, servers, uniqueName } from '../support/servers.ts';

let user: Credentials;
let secret: string;
let stackName: string;
let inbox: Inbox;

beforeAll(async () => {
  user = await newClusterUser('plaintext');
  const { endpoint, username, password } = user;
  secret = await newSecret(JSON.stringify({ endpoint: endpoint.url, username, password }));
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

test('a rotation that fails reaches a subscriber of the topic, as an event and as an alarm with its entry in the runbook', async () => {
  await createMilvusCluster().changePassword(user, newPassword());
  expect([await crossed('RotationFailed'), await crossed('FunctionErrors')]).toEqual([false, false]);
  await rotateToItsEnd(secret);
  await inbox.until((message) => /^"?RotationFailed: /.test(message) && message.includes(secret));
  expect(await inbox.until((message) => isAlarm(message) && message.includes('RotationFailed'))).toContain(
    'docs/operations.md#rotation-failed',
  );
  await expect.poll(() => crossed('FunctionErrors'), { timeout: 30_000 }).toBe(true);
});

const isAlarm = (message: string): boolean => /NewStateValue\W+ALARM/.test(message);

/**
 * Whether the metric of the alarm has crossed its threshold. The alarms of the emulator overlook dimensions: the error of any function
 * rings them all. So they are asked for what they watch, and only the one whose metric is the stack's own is waited for.
 */
async function crossed(id: string): Promise<boolean> {
  const cloudWatch = new CloudWatchClient(awsOptions());
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: stackName }));
  const alarm = MetricAlarms.find(({ AlarmName }) => AlarmName?.includes(id));
  const { Namespace, MetricName, Dimensions, Period, Threshold = 0 } = alarm ?? {};
  const hour = 3_600_000;
  const { Datapoints = [] } = await cloudWatch.send(
    new GetMetricStatisticsCommand({
      Namespace,
      MetricName,
      Dimensions,
      Period,
      Statistics: ['Sum'],
      StartTime: new Date(Date.now() - hour),
      EndTime: new Date(Date.now() + hour),
    }),
  );
  return Datapoints.some(({ Sum = 0 }) => Sum >= Threshold);
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
