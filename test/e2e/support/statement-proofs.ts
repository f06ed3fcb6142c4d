import { randomUUID } from 'node:crypto';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { SNS } from '@aws-sdk/client-sns';
import { expect } from 'vitest';
import type { Answer } from '../../emulator/support/signed-request.ts';
import type { Subscriber } from './alarm-topic.ts';
import type { LeastPrivilegeCloud, SecretKind } from './least-privilege-cloud.ts';

/** An attempt with one result with the statement and another result without the statement. */
export interface Proof {
  readonly attempt: (
    cloud: LeastPrivilegeCloud,
    subscriber: Subscriber,
    statement: 'with' | 'without',
  ) => Promise<unknown>;
  readonly with: unknown;
  readonly without: unknown;
}

/** The secrets of the attempts. Each attempt has two secrets, because a failure spoils one. */
export const SECRETS_OF_PROOFS: Readonly<Record<string, SecretKind>> = twoOfEach({
  log: 'valid',
  secrets: 'valid',
  key: 'valid',
  invoke: 'valid',
  admin: 'lost',
  'admin-key': 'lost',
  event: 'unreachable',
});

/** The failure if the function may not call this action, or not use the key for the action. */
export function denied(action: string): unknown {
  const message = expect.stringContaining(`${action} failed with AccessDeniedException`);
  return { code: 'SECRETS_MANAGER_DENIED', message };
}

/** The proof of each deployed statement. A missing proof or an extra proof fails the test. */
export const PROOFS: Readonly<Record<string, Proof>> = {
  'RotationFunctionRole allows logs:CreateLogStream logs:PutLogEvents': {
    async attempt(cloud, _, statement) {
      const { result, log } = await cloud.rotateAndReadLog(`log-${statement}`);
      return { result, isInTheLog: log.length > 0 };
    },
    with: { result: 'rotated', isInTheLog: true },
    // The alarm on failed rotations reads the log.
    without: { result: 'rotated', isInTheLog: false },
  },
  'RotationFunctionRole allows secretsmanager:DescribeSecret secretsmanager:GetSecretValue secretsmanager:ListSecretVersionIds secretsmanager:PutSecretValue secretsmanager:UpdateSecretVersionStage':
    { attempt: rotationOf('secrets'), with: 'rotated', without: denied('DescribeSecret') },
  'RotationFunctionRole allows kms:Decrypt kms:GenerateDataKey': {
    attempt: rotationOf('key'),
    with: 'rotated',
    without: denied('GetSecretValue'),
  },
  'RotationFunctionRole allows secretsmanager:GetSecretValue': {
    attempt: rotationOf('admin'),
    with: 'rotated',
    without: denied('GetSecretValue'),
  },
  'RotationFunctionRole denies secretsmanager:PutSecretValue secretsmanager:UpdateSecretVersionStage': {
    attempt: changeAdminSecret,
    with: { PutSecretValue: 'denied', UpdateSecretVersionStage: 'denied' },
    // Without the key, the role still cannot encrypt a new value.
    without: { PutSecretValue: 'denied by the key', UpdateSecretVersionStage: 'allowed' },
  },
  'RotationFunctionRole allows kms:Decrypt': {
    attempt: rotationOf('admin-key'),
    with: 'rotated',
    without: denied('GetSecretValue'),
  },
  'RotationFunction allows secretsmanager.amazonaws.com lambda:InvokeFunction': {
    attempt: (cloud, _, statement) => cloud.rotate(`invoke-${statement}`).catch((error: Error) => error.message),
    with: 'rotated',
    without: expect.stringContaining('Secrets Manager cannot invoke the specified Lambda function'),
  },
  'AlarmsOverdueCheckRole allows logs:CreateLogStream logs:PutLogEvents': {
    async attempt(cloud) {
      const before = (await cloud.logOf(cloud.overdueCheckArn)).length;
      const outcome = await checkForOverdue(cloud);
      return { outcome, isInTheLog: (await cloud.logOf(cloud.overdueCheckArn)).length > before };
    },
    with: { outcome: 'checked', isInTheLog: true },
    without: { outcome: 'checked', isInTheLog: false },
  },
  'AlarmsOverdueCheckRole allows secretsmanager:ListSecrets': {
    attempt: checkForOverdue,
    with: 'checked',
    without: expect.stringContaining('not authorized to perform: secretsmanager:ListSecrets'),
  },
  'AlarmsOverdueCheckFunction allows events.amazonaws.com lambda:InvokeFunction': {
    attempt: overdueCheckByItsRule,
    with: 'by the rule',
    without: 'not by the rule',
  },
  'AlarmsTopic denies sns:Publish': {
    attempt: publishWithoutTls,
    with: expect.stringContaining('not authorized'),
    without: 'published',
  },
  'AlarmsTopic allows cloudwatch.amazonaws.com sns:Publish': {
    attempt: raiseAlarm,
    with: ['ALARM'],
    without: [],
  },
  'AlarmsTopic allows events.amazonaws.com sns:Publish': {
    async attempt(cloud, subscriber, statement) {
      expect(await cloud.rotate(`event-${statement}`)).toMatchObject({ code: expect.any(String) });
      return (await subscriber.messages()).filter((text) => text.includes('RotationFailed: ')).length;
    },
    with: 1,
    without: 0,
  },
};

/** Changes the admin secret with other code, while the policy of the secret allows the role to. */
async function changeAdminSecret(cloud: LeastPrivilegeCloud): Promise<Record<string, string>> {
  const SecretId = 'admin';
  const { VersionIdsToStages = {} } = await cloud.secretsManager.describeSecret({ SecretId });
  const [MoveToVersionId] = Object.keys(VersionIdsToStages);
  const calls = {
    PutSecretValue: { SecretId, SecretString: 'x', ClientRequestToken: randomUUID() },
    UpdateSecretVersionStage: { SecretId, VersionStage: 'MOVED', MoveToVersionId },
  };
  await cloud.allowRole(
    SecretId,
    Object.keys(calls).map((action) => `secretsmanager:${action}`),
  );
  return cloud.withOtherCode(async (call) => {
    const answers = Object.entries(calls).map(async ([action, body]) => {
      const answer = await call({ service: 'secretsmanager', target: `secretsmanager.${action}`, body });
      return [action, outcomeOf(answer)] as const;
    });
    return Object.fromEntries(await Promise.all(answers));
  });
}

function outcomeOf({ ok, body }: Answer): string {
  if (ok) return 'allowed';
  if (body.includes('Access to KMS is not allowed')) return 'denied by the key';
  return body.includes('AccessDenied') ? 'denied' : body;
}

function rotationOf(name: string): Proof['attempt'] {
  return (cloud, _, statement) => cloud.rotate(`${name}-${statement}`);
}

function twoOfEach(kinds: Readonly<Record<string, SecretKind>>): Record<string, SecretKind> {
  return Object.fromEntries(
    Object.entries(kinds).flatMap(([name, kind]) => [
      [`${name}-with`, kind],
      [`${name}-without`, kind],
    ]),
  );
}

async function checkForOverdue({ lambda, overdueCheckArn }: LeastPrivilegeCloud): Promise<string> {
  const answer = await lambda.invoke({ FunctionName: overdueCheckArn });
  return answer.FunctionError === undefined ? 'checked' : Buffer.from(answer.Payload ?? []).toString();
}

/** Triggers the hourly rule with an event. The ARN and the target of the rule stay. */
async function overdueCheckByItsRule(cloud: LeastPrivilegeCloud): Promise<string> {
  const events = new EventBridge(cloud.config);
  const Name = await physicalId(cloud, 'AlarmsOverdueCheckHourly');
  await events.putRule({ Name, EventPattern: JSON.stringify({ source: ['test.hour'] }) });
  const runs = async (): Promise<number> =>
    (await cloud.logOf(cloud.overdueCheckArn)).filter((line) => line.startsWith('REPORT')).length;
  const before = await runs();
  await events.putEvents({ Entries: [{ Source: 'test.hour', DetailType: 'passed', Detail: '{}' }] });
  // The rule, if it works, runs the check too. It does so before these invocations, so the log
  // then has one run more than there were invocations.
  for (let invocations = 1; invocations <= 30; invocations++) {
    await checkForOverdue(cloud);
    if ((await runs()) - before > invocations) return 'by the rule';
  }
  return 'not by the rule';
}

async function publishWithoutTls({ config, topicArn }: LeastPrivilegeCloud): Promise<string> {
  const sns = new SNS({ ...config, maxAttempts: 1 });
  // The emulator counts every request as TLS, except with this header of a proxy.
  sns.middlewareStack.add(
    (next) => (args) => {
      // The cast is safe, because a request has headers in this step of the middleware stack.
      Object.assign((args.request as { headers: Record<string, string> }).headers, { 'x-forwarded-proto': 'http' });
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  return sns.publish({ TopicArn: topicArn, Message: 'in plain text' }).then(
    () => 'published',
    (error: Error) => error.message,
  );
}

/** Sets one of the stack's alarms to ALARM. @returns the states that the subscriber receives. */
async function raiseAlarm(cloud: LeastPrivilegeCloud, subscriber: Subscriber): Promise<readonly string[]> {
  const cloudWatch = new CloudWatch(cloud.config);
  const { MetricAlarms = [] } = await cloudWatch.describeAlarms({});
  const AlarmName = MetricAlarms.map((alarm) => alarm.AlarmName).find((name) => name?.includes('FunctionErrors'));
  await cloudWatch.setAlarmState({ AlarmName, StateValue: 'OK', StateReason: 'test' });
  await subscriber.messages();
  await cloudWatch.setAlarmState({ AlarmName, StateValue: 'ALARM', StateReason: 'test' });
  return (await subscriber.messages()).map((text) => (JSON.parse(text) as { NewStateValue: string }).NewStateValue);
}

async function physicalId({ config }: LeastPrivilegeCloud, logicalId: string): Promise<string> {
  const { StackResources = [] } = await new CloudFormation(config).describeStackResources({
    StackName: 'LeastPrivilege',
  });
  return (
    StackResources.find(({ LogicalResourceId }) => LogicalResourceId?.startsWith(logicalId))?.PhysicalResourceId ?? ''
  );
}
