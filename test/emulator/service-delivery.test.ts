import { randomUUID } from 'node:crypto';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { createRole, policyOf, type Statement } from './support/identities.ts';
import { account, localAws, permit, present, region } from './support/local-aws.ts';

const aws = localAws({ https: true, env: { AUTH: 'true' } });

interface Inbox {
  readonly topic: string;
  /** The messages that the topic delivered so far. */
  received(): Promise<readonly string[]>;
}

/** A topic with a subscriber. @param publishers The topic's policy. @default AWS's policy */
async function topic(publishers?: readonly Statement[]): Promise<Inbox> {
  const name = `topic-${randomUUID()}`;
  const [sns, sqs] = [new SNS(aws.clientConfig), new SQS(aws.clientConfig)];
  const arn = present((await sns.createTopic({ Name: name })).TopicArn);
  if (publishers !== undefined) {
    const AttributeValue = policyOf(
      publishers.map((statement) => ({ ...statement, Action: 'sns:Publish', Resource: arn })),
    );
    await sns.setTopicAttributes({ TopicArn: arn, AttributeName: 'Policy', AttributeValue });
  }
  const Policy = policyOf([{ Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage' }]);
  const { QueueUrl } = await sqs.createQueue({ QueueName: name, Attributes: { Policy } });
  const Endpoint = `arn:aws:sqs:${region}:${account}:${name}`;
  await sns.subscribe({ TopicArn: arn, Protocol: 'sqs', Endpoint });
  return {
    topic: arn,
    async received() {
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 });
      return Messages.map(({ Body = '{}' }) => (JSON.parse(Body) as { Message: string }).Message);
    },
  };
}

/** Raises an alarm for the topic. The delivery, if any, is complete when this returns. */
async function alarmTo(TopicArn: string): Promise<void> {
  const cloudWatch = new CloudWatch(aws.clientConfig);
  const AlarmName = `alarm-${randomUUID()}`;
  await cloudWatch.putMetricAlarm({
    AlarmName,
    AlarmActions: [TopicArn],
    Namespace: 'Test',
    MetricName: 'Some',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanThreshold',
  });
  await cloudWatch.setAlarmState({ AlarmName, StateValue: 'ALARM', StateReason: 'test' });
}

/** A rule with this target. `fire` sends an event for the rule. */
async function ruleTo(
  Arn: string,
): Promise<{ readonly rule: string; readonly source: string; fire: () => Promise<void> }> {
  const events = new EventBridge(aws.clientConfig);
  const Name = `rule-${randomUUID()}`;
  const EventPattern = JSON.stringify({ source: [Name] });
  const { RuleArn } = await events.putRule({ Name, EventPattern });
  await events.putTargets({ Rule: Name, Targets: [{ Id: 'target', Arn }] });
  const Entries = [{ Source: Name, DetailType: 'test', Detail: '{}' }];
  return {
    rule: present(RuleArn),
    source: Name,
    async fire() {
      await events.putEvents({ Entries });
    },
  };
}

const alarms = { Action: [], Principal: { Service: 'cloudwatch.amazonaws.com' } };
const rules = { Action: [], Principal: { Service: 'events.amazonaws.com' } };
const ofAccount = (id: string): object => ({ StringEquals: { 'aws:SourceAccount': id } });

describe('a topic', () => {
  test('delivers alarms only if its policy allows CloudWatch for this account', async () => {
    const open = await topic([{ ...alarms, Condition: ofAccount(account) }]);
    const others = await Promise.all([topic([rules]), topic([{ ...alarms, Condition: ofAccount('111111111111') }])]);
    for (const inbox of [open, ...others]) await alarmTo(inbox.topic);
    expect(await open.received()).toHaveLength(1);
    for (const inbox of others) expect(await inbox.received()).toEqual([]);
  });

  test("delivers a rule's events only if its policy allows EventBridge", async () => {
    const [open, closed] = await Promise.all([topic([rules]), topic([alarms])]);
    for (const inbox of [open, closed]) await (await ruleTo(inbox.topic)).fire();
    expect(await open.received()).toHaveLength(1);
    expect(await closed.received()).toEqual([]);
  });

  test('delivers alarms and no events with the default policy', async () => {
    const inbox = await topic();
    await (await ruleTo(inbox.topic)).fire();
    expect(await inbox.received()).toEqual([]);
    await alarmTo(inbox.topic);
    expect(await inbox.received()).toHaveLength(1);
  });
});

test('a rule invokes a function only if the policy of the function allows EventBridge for that rule', async () => {
  const role = await createRole(aws.clientConfig, [{ Action: 'logs:*' }]);
  const target = await aws.rotationFunction({ role }, false);
  const rule = await ruleTo(target.arn);
  const otherRule = await ruleTo(target.arn);
  await permit(aws.lambda, target.arn, { Principal: 'events.amazonaws.com', SourceArn: rule.rule });
  await otherRule.fire();
  // The other rule's event was sent first. If delivered, the event would be among the notes by
  // now.
  for (const times of [1, 2, 3]) {
    await rule.fire();
    const delivered = (): number => target.notes().filter((note) => sourceOf(note) === rule.source).length;
    await expect.poll(delivered, { timeout: 10_000 }).toBe(times);
  }
  expect(target.notes().map(sourceOf)).not.toContain(otherRule.source);
});

function sourceOf(note: object): unknown {
  return (note as { readonly source?: string }).source;
}
