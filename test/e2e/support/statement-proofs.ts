import { randomUUID } from 'node:crypto';
import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { SNS } from '@aws-sdk/client-sns';
import { expect } from 'vitest';
import type { LeastPrivilegeWorld, SecretState } from './least-privilege-world.ts';

/** An attempt whose result differs without each action of a deployed statement. */
export interface Proof {
  /** The owner of the policy, the effect and the principal. With the actions, it names the statement. */
  readonly statement: string;
  readonly attempt: (world: LeastPrivilegeWorld, messages: () => Promise<readonly string[]>) => Promise<unknown>;
  readonly with: unknown;
  /** By the action that the statement lacks. */
  readonly without: Readonly<Record<string, unknown>>;
}

const ROLE = 'RotationFunctionRole allows';
const OVERDUE_CHECK_ROLE = 'AlarmsOverdueCheckRole allows';

/** The proofs of all deployed statements. A missing proof or an extra proof fails the test. */
export const PROOFS: readonly Proof[] = [
  {
    statement: ROLE,
    attempt: async (world) => {
      await world.bringInto('current');
      return (await world.rotate()).length > 0;
    },
    with: true,
    without: { 'logs:CreateLogStream': false, 'logs:PutLogEvents': false },
  },
  {
    statement: ROLE,
    attempt: rotateFrom('unlabelled'),
    with: 'rotated',
    without: Object.fromEntries(
      ['DescribeSecret', 'GetSecretValue', 'ListSecretVersionIds', 'PutSecretValue', 'UpdateSecretVersionStage'].map(
        (action) => [`secretsmanager:${action}`, denied(action)],
      ),
    ),
  },
  {
    statement: ROLE,
    attempt: rotateFrom('current'),
    with: 'rotated',
    without: { 'kms:Decrypt': denied('GetSecretValue'), 'kms:GenerateDataKey': denied('PutSecretValue') },
  },
  // The admin secret.
  {
    statement: ROLE,
    attempt: rotateFrom('lost'),
    with: 'reset',
    without: { 'secretsmanager:GetSecretValue': denied('GetSecretValue') },
  },
  {
    statement: ROLE,
    attempt: rotateFrom('lost'),
    with: 'reset',
    without: { 'kms:Decrypt': denied('GetSecretValue') },
  },
  {
    statement: 'RotationFunctionRole denies',
    attempt: changeAdminSecret,
    with: ['denied', 'denied'],
    without: {
      // Without the key, the role still cannot encrypt a new value.
      'secretsmanager:PutSecretValue': ['denied by the key', 'denied'],
      'secretsmanager:UpdateSecretVersionStage': ['denied', 'allowed'],
    },
  },
  {
    statement: 'RotationFunction allows secretsmanager.amazonaws.com',
    attempt: (world) => world.rotateFrom('current').catch((error: Error) => error.message),
    with: 'rotated',
    without: {
      'lambda:InvokeFunction': expect.stringContaining('Secrets Manager cannot invoke the specified Lambda function'),
    },
  },
  {
    statement: OVERDUE_CHECK_ROLE,
    attempt: async (world) => {
      const before = (await world.logOf(world.overdueCheckArn)).length;
      await checkForOverdue(world);
      return (await world.logOf(world.overdueCheckArn)).length > before;
    },
    with: true,
    without: { 'logs:CreateLogStream': false, 'logs:PutLogEvents': false },
  },
  {
    statement: OVERDUE_CHECK_ROLE,
    attempt: checkForOverdue,
    with: 'nothing is overdue',
    without: {
      'secretsmanager:ListSecrets': expect.stringContaining('not authorized to perform: secretsmanager:ListSecrets'),
    },
  },
  {
    statement: 'AlarmsOverdueCheckFunction allows events.amazonaws.com',
    attempt: overdueCheckByItsRule,
    with: 'by the rule',
    without: { 'lambda:InvokeFunction': 'not by the rule' },
  },
  {
    statement: 'AlarmsTopic denies',
    attempt: publishWithoutTls,
    with: expect.stringContaining('not authorized'),
    without: { 'sns:Publish': 'published' },
  },
  {
    statement: 'AlarmsTopic allows cloudwatch.amazonaws.com',
    attempt: raiseAlarm,
    with: ['ALARM'],
    without: { 'sns:Publish': [] },
  },
  {
    statement: 'AlarmsTopic allows events.amazonaws.com',
    attempt: async (world, messages) => {
      await messages();
      expect(await world.rotateFrom('unusable')).toMatchObject({ code: 'CURRENT_INVALID' });
      return (await messages()).filter((text) => text.includes('RotationFailed: ')).length;
    },
    with: 1,
    without: { 'sns:Publish': 0 },
  },
];

/** The failure if the function may not call this action, or not use the key for the action. */
function denied(action: string): unknown {
  const message = expect.stringContaining(`${action} failed with AccessDeniedException`);
  return { code: 'SECRETS_MANAGER_DENIED', message };
}

function rotateFrom(state: SecretState): Proof['attempt'] {
  return (world) => world.rotateFrom(state);
}

/** Changes the admin secret with other code, while the policy of the secret allows the role to. */
async function changeAdminSecret(world: LeastPrivilegeWorld): Promise<readonly string[]> {
  const SecretId = 'admin';
  const { VersionIdsToStages = {} } = await world.secretsManager.describeSecret({ SecretId });
  const [MoveToVersionId] = Object.keys(VersionIdsToStages);
  await world.allowRole(SecretId, ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage']);
  const answers = await world.callAsFunction([
    {
      service: 'secretsmanager',
      target: 'secretsmanager.PutSecretValue',
      body: { SecretId, SecretString: 'x', ClientRequestToken: randomUUID() },
    },
    {
      service: 'secretsmanager',
      target: 'secretsmanager.UpdateSecretVersionStage',
      body: { SecretId, VersionStage: 'MOVED', MoveToVersionId },
    },
  ]);
  return answers.map(({ ok, body }) => {
    if (ok) return 'allowed';
    if (body.includes('Access to KMS is not allowed')) return 'denied by the key';
    return body.includes('AccessDenied') ? 'denied' : body;
  });
}

/** Runs the check for overdue rotations. @returns its error, or that nothing is overdue */
export async function checkForOverdue({ lambda, overdueCheckArn }: LeastPrivilegeWorld): Promise<string> {
  const answer = await lambda.invoke({ FunctionName: overdueCheckArn });
  return answer.FunctionError === undefined ? 'nothing is overdue' : Buffer.from(answer.Payload ?? []).toString();
}

/** Triggers the hourly rule with an event. The ARN and the target of the rule stay. */
async function overdueCheckByItsRule(world: LeastPrivilegeWorld): Promise<string> {
  const events = new EventBridge(world.config);
  const { StackResources = [] } = await new CloudFormation(world.config).describeStackResources({
    StackName: 'LeastPrivilege',
  });
  const rule = StackResources.find(({ LogicalResourceId }) =>
    LogicalResourceId?.startsWith('AlarmsOverdueCheckHourly'),
  );
  await events.putRule({ Name: rule?.PhysicalResourceId, EventPattern: JSON.stringify({ source: ['test.hour'] }) });
  const runs = async (): Promise<number> =>
    (await world.logOf(world.overdueCheckArn)).filter((line) => line.startsWith('REPORT')).length;
  const before = await runs();
  await events.putEvents({ Entries: [{ Source: 'test.hour', DetailType: 'passed', Detail: '{}' }] });
  // The rule, if it works, runs the check too. It does so before these invocations, so the log
  // then has one run more than there were invocations.
  for (let invocations = 1; invocations <= 30; invocations++) {
    await checkForOverdue(world);
    if ((await runs()) - before > invocations) return 'by the rule';
  }
  return 'not by the rule';
}

async function publishWithoutTls({ config, topicArn }: LeastPrivilegeWorld): Promise<string> {
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
async function raiseAlarm(world: LeastPrivilegeWorld, messages: () => Promise<readonly string[]>): Promise<unknown> {
  const cloudWatch = new CloudWatch(world.config);
  const { MetricAlarms = [] } = await cloudWatch.describeAlarms({});
  const AlarmName = MetricAlarms.map((alarm) => alarm.AlarmName).find((name) => name?.includes('FunctionErrors'));
  await cloudWatch.setAlarmState({ AlarmName, StateValue: 'OK', StateReason: 'test' });
  await messages();
  await cloudWatch.setAlarmState({ AlarmName, StateValue: 'ALARM', StateReason: 'test' });
  return (await messages()).map((text) => (JSON.parse(text) as { NewStateValue: string }).NewStateValue);
}
