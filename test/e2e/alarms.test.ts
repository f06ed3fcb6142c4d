import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { Lambda } from '@aws-sdk/client-lambda';
import { beforeAll, expect, test } from 'vitest';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { newSecret, rotateToItsEnd, rotationSettles, setRetries } from '../support/deployed-rotation.ts';
import {
  awsOptions,
  changePasswordOutside,
  newClusterUser,
  secretsManager,
  servers,
  uniqueStackName,
} from '../support/servers.ts';
import { type Subscriber, subscribe } from './support/alarm-topic.ts';

let user: Credentials;
let secret: string;
let stackName: string;
let subscriber: Subscriber;

beforeAll(async () => {
  user = await newClusterUser('plaintext');
  const { endpoint, username, password } = user;
  secret = await newSecret(JSON.stringify({ endpoint: endpoint.url, username, password }));
  stackName = uniqueStackName('Alarms');
  const { outputs } = await servers().deploy(
    JSON.stringify({
      stackName,
      function: { allowedEndpoints: ['127.0.0.1'] },
      secrets: [{ name: secret, schedule: 'rate(300 days)' }],
      monitoring: {},
    }),
  );
  subscriber = await subscribe(awsOptions(), outputs[stackName]?.['AlarmTopicArn'] ?? '');
  await rotationSettles(secret);
  await setRetries(secret, 0);
});

test('a failed rotation sends an event and an alarm to the topic, and the alarm links its entry in the runbook', async () => {
  await changePasswordOutside(user);
  expect([await crossedThreshold('RotationFailed'), await crossedThreshold('FunctionErrors')]).toEqual([false, false]);
  await rotateToItsEnd(secret);
  await subscriber.waitFor((message) => /^"?RotationFailed: /.test(message) && message.includes(secret));
  const alarm = await subscriber.waitFor((message) => isAlarm(message) && message.includes('RotationFailed'));
  expect(alarm).toContain(
    'https://github.com/zilliz-secret-rotation/zilliz-secret-rotation/blob/main/docs/operations.md#rotation-failed',
  );
  expect(alarm).toContain('Secret: field secret_arn in log group ');
  await expect.poll(() => crossedThreshold('FunctionErrors'), { timeout: 30_000 }).toBe(true);
});

const isAlarm = (message: string): boolean => /NewStateValue\W+ALARM/.test(message);

/**
 * Whether the metric of the alarm has crossed the alarm's threshold. The state of the alarm itself
 * may be older, because the emulator evaluates alarms only when a function logs a metric.
 */
async function crossedThreshold(id: string): Promise<boolean> {
  const cloudWatch = new CloudWatch(awsOptions());
  const { MetricAlarms = [] } = await cloudWatch.describeAlarms({ AlarmNamePrefix: stackName });
  const alarm = MetricAlarms.find(({ AlarmName }) => AlarmName?.includes(id));
  const { Namespace, MetricName, Dimensions, Period, Threshold = 0 } = alarm ?? {};
  const hour = 3_600_000;
  const { Datapoints = [] } = await cloudWatch.getMetricStatistics({
    Namespace,
    MetricName,
    Dimensions,
    Period,
    Statistics: ['Sum'],
    StartTime: new Date(Date.now() - hour),
    EndTime: new Date(Date.now() + hour),
  });
  return Datapoints.some(({ Sum = 0 }) => Sum >= Threshold);
}

test('the check for overdue rotations names a secret whose rotation was cancelled', async () => {
  await secretsManager().cancelRotateSecret({ SecretId: secret });
  expect(await overdueCheck()).toContain(`OVERDUE: 1 of the rotations did not happen: ${secret}.`);
});

/** Runs the stack's check for overdue rotations. @returns its error */
async function overdueCheck(): Promise<string> {
  const lambda = new Lambda(awsOptions());
  const { Functions = [] } = await lambda.listFunctions({});
  const FunctionName = Functions.map((fn) => fn.FunctionName ?? '').find(
    (name) => name.startsWith(stackName) && name.includes('Overdue'),
  );
  const answer = await lambda.invoke({ FunctionName });
  expect(answer.FunctionError).toBeDefined();
  return Buffer.from(answer.Payload ?? []).toString();
}
