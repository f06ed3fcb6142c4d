import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect } from 'vitest';
import { INTERFACE_ACTIONS } from '../../emulator/support/probe.ts';
import type { Subscriber } from './alarm-topic.ts';
import type { Kind, LeastPrivilegeCloud } from './least-privilege-cloud.ts';

/** Something that comes out one way with the statement, and another way without it. */
export interface Proof {
  readonly attempt: (cloud: LeastPrivilegeCloud, inbox: Subscriber, use: 'with' | 'without') => Promise<unknown>;
  readonly with: unknown;
  readonly without: unknown;
}

/** The secrets that the attempts below use up, two each: a failed rotation leaves one that is not rotated again. */
export const SECRETS_OF_PROOFS: Readonly<Record<string, Kind>> = twoOfEach({
  log: 'valid',
  secrets: 'valid',
  key: 'valid',
  invoke: 'valid',
  admin: 'lost',
  'admin-key': 'lost',
  event: 'unreachable',
});

const ec2 = INTERFACE_ACTIONS.map((action) => `ec2:${action}`).join(' ');

/** The failure of a rotation whose function was denied this action of Secrets Manager, or the key that it needs for it. */
export function denied(action: string): unknown {
  const message = expect.stringContaining(`${action} failed with AccessDeniedException`);
  return { code: 'SECRETS_MANAGER_DENIED', message };
}

/** A proof for each statement that the stack deploys, by its name. One that is missing here fails the test, and so does one too many. */
export const PROOFS: Readonly<Record<string, Proof>> = {
  'RotationFunctionRole allows logs:CreateLogStream logs:PutLogEvents': {
    async attempt(cloud, _, use) {
      const { ending, log } = await cloud.rotateAndReadLog(`log-${use}`);
      return { ending, isInTheLog: log.length > 0 };
    },
    with: { ending: 'rotated', isInTheLog: true },
    // It costs the log, not the rotation; the alarm on failed rotations reads the log.
    without: { ending: 'rotated', isInTheLog: false },
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
  'RotationFunctionRole allows kms:Decrypt': {
    attempt: rotationOf('admin-key'),
    with: 'rotated',
    without: denied('GetSecretValue'),
  },
  [`RotationFunctionRole allows ${ec2}`]: {
    attempt: moveIntoVpc,
    with: 'in the VPC',
    without: expect.stringMatching(/^The provided execution role does not have permissions to call \w+ on EC2$/),
  },
  [`RotationFunctionRole denies ${ec2}`]: {
    attempt: (cloud) =>
      cloud.withOtherCode((call) =>
        Promise.all(
          INTERFACE_ACTIONS.map(async (action) => {
            const { body } = await call({ service: 'ec2', action });
            return body.includes('UnauthorizedOperation') ? 'denied' : 'not denied';
          }),
        ),
      ),
    with: INTERFACE_ACTIONS.map(() => 'denied'),
    without: INTERFACE_ACTIONS.map(() => 'not denied'),
  },
  'RotationFunction allows secretsmanager.amazonaws.com lambda:InvokeFunction': {
    attempt: (cloud, _, use) => cloud.rotate(`invoke-${use}`).catch((error: Error) => error.message),
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
    async attempt(cloud, inbox, use) {
      expect(await cloud.rotate(`event-${use}`)).toMatchObject({ code: expect.any(String) });
      return (await inbox.messages()).filter((text) => text.includes('RotationFailed: ')).length;
    },
    with: 1,
    without: 0,
  },
};

function rotationOf(name: string): Proof['attempt'] {
  return (cloud, _, use) => cloud.rotate(`${name}-${use}`);
}

function twoOfEach(kinds: Readonly<Record<string, Kind>>): Record<string, Kind> {
  return Object.fromEntries(
    Object.entries(kinds).flatMap(([name, kind]) => [
      [`${name}-with`, kind],
      [`${name}-without`, kind],
    ]),
  );
}

/** Has Lambda put the function into its VPC, as at a deployment. */
export async function moveIntoVpc({ lambda, functionArn }: LeastPrivilegeCloud): Promise<string> {
  const { VpcConfig: { SubnetIds, SecurityGroupIds } = {} } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: functionArn }),
  );
  return lambda
    .send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: functionArn,
        VpcConfig: { SubnetIds, SecurityGroupIds },
      }),
    )
    .then(
      ({ VpcConfig }) => (VpcConfig?.SubnetIds?.length === 1 ? 'in the VPC' : 'outside'),
      (error: Error) => error.message,
    );
}

async function checkForOverdue({ lambda, overdueCheckArn }: LeastPrivilegeCloud): Promise<string> {
  const answer = await lambda.send(new InvokeCommand({ FunctionName: overdueCheckArn }));
  return answer.FunctionError === undefined ? 'checked' : Buffer.from(answer.Payload ?? []).toString();
}

/** Lets the hourly rule fire by giving it an event to wait for in place of the hour: its ARN and its target stay. */
async function overdueCheckByItsRule(cloud: LeastPrivilegeCloud): Promise<string> {
  const events = new EventBridgeClient(cloud.config);
  const Name = await physicalId(cloud, 'AlarmsOverdueCheckHourly');
  await events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify({ source: ['an.hour'] }) }));
  const runs = async (): Promise<number> =>
    (await cloud.logOf(cloud.overdueCheckArn)).filter((line) => line.startsWith('REPORT')).length;
  const before = await runs();
  await events.send(new PutEventsCommand({ Entries: [{ Source: 'an.hour', DetailType: 'passed', Detail: '{}' }] }));
  // One by hand after the other, until there was one more than these: the rule's began before them, if there is one.
  for (let byHand = 1; byHand <= 30; byHand++) {
    await checkForOverdue(cloud);
    if ((await runs()) - before > byHand) return 'by the rule';
  }
  return 'not by the rule';
}

async function publishWithoutTls({ config, topicArn }: LeastPrivilegeCloud): Promise<string> {
  const sns = new SNSClient({ ...config, maxAttempts: 1 });
  // As a proxy would say that the request came without TLS; the emulator otherwise takes every one for TLS.
  sns.middlewareStack.add(
    (next) => (args) => {
      // Once it is to be signed, a request has headers; the type of a middleware does not know at which step it is.
      Object.assign((args.request as { headers: Record<string, string> }).headers, { 'x-forwarded-proto': 'http' });
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  return sns.send(new PublishCommand({ TopicArn: topicArn, Message: 'in plain text' })).then(
    () => 'published',
    (error: Error) => error.message,
  );
}

/** Raises one of the stack's alarms. @returns The states that the topic's subscriber is told of. */
async function raiseAlarm(cloud: LeastPrivilegeCloud, inbox: Subscriber): Promise<readonly string[]> {
  const cloudWatch = new CloudWatchClient(cloud.config);
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({}));
  const AlarmName = MetricAlarms.map((alarm) => alarm.AlarmName).find((name) => name?.includes('FunctionErrors'));
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason: 'to be raised' }));
  await inbox.messages();
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'raised' }));
  return (await inbox.messages()).map((text) => (JSON.parse(text) as { NewStateValue: string }).NewStateValue);
}

async function physicalId({ config }: LeastPrivilegeCloud, logicalId: string): Promise<string> {
  const { StackResources = [] } = await new CloudFormationClient(config).send(
    new DescribeStackResourcesCommand({ StackName: 'LeastPrivilege' }),
  );
  return StackResources.find((one) => one.LogicalResourceId?.startsWith(logicalId))?.PhysicalResourceId ?? '';
}
