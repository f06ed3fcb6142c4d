import { Duration, Stack } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { expect, test } from 'vitest';
import { RotationAlarms, type RotationAlarmsProps } from '../../infra/rotation-alarms.ts';
import { RotationFunction } from '../../infra/rotation-function.ts';
import { findingsIn } from './nag.ts';
import { appWithoutBundles, templateOf } from './templates.ts';

function alarmsFor(props: Partial<RotationAlarmsProps> = {}, secrets: readonly string[] = ['milvus/orders']): Template {
  return templateOf((scope) => {
    const rotationFunction = props.rotationFunction ?? new RotationFunction(scope, 'RotationFunction');
    new RotationAlarms(scope, 'Alarms', { ...props, rotationFunction });
    for (const name of secrets) {
      rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, name, name));
    }
  });
}

test('every alarm reaches the topic and names its entry in the runbook', () => {
  const template = alarmsFor({ runbook: 'https://runbooks.example.com/rotation' });
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map((alarm) => alarm['Properties']);
  expect(alarms.map(({ AlarmDescription }) => AlarmDescription.replace(/^.*What to do: /, '')).toSorted()).toEqual(
    ['function-errors', 'overdue', 'overdue-check-stopped', 'rotation-failed', 'throttled', 'timed-out'].map(
      (entry) => `https://runbooks.example.com/rotation#${entry}`,
    ),
  );
  const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
  for (const { AlarmActions } of alarms) {
    expect(AlarmActions).toEqual([{ Ref: topic }]);
  }
});

test('a failed step is counted from the log of the function, without CloudTrail', () => {
  const template = alarmsFor();
  template.hasResourceProperties('AWS::Logs::MetricFilter', {
    FilterPattern: '{ $.rotation_event = "step-failed" }',
    MetricTransformations: [Match.objectLike({ MetricNamespace: 'ZillizSecretRotation', MetricValue: '1' })],
  });
  const [filter] = Object.values(template.findResources('AWS::Logs::MetricFilter'));
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: filter?.['Properties'].MetricTransformations[0].MetricName,
    Threshold: 1,
    TreatMissingData: 'notBreaching',
  });
});

test('a step that uses up 95 % of its time counts as timed out', () => {
  templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction', { timeout: Duration.seconds(100) });
    new RotationAlarms(scope, 'Alarms', { rotationFunction });
    rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, 'S', 'orders'));
  }).hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'Duration',
    Statistic: 'Maximum',
    Threshold: 95_000,
  });
});

test('a check for overdue rotations that does not run is itself an alarm', () => {
  alarmsFor().hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'Invocations',
    Period: 10_800,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  });
});

test('the check for overdue rotations may list secrets, and read none', () => {
  const template = alarmsFor({ maxAge: Duration.days(90) });
  const statements = Object.values(template.findResources('AWS::IAM::Policy'))
    .filter((policy) => JSON.stringify(policy).includes('ListSecrets'))
    .flatMap((policy) =>
      policy['Properties'].PolicyDocument.Statement.map((statement: { Action: unknown }) => statement.Action),
    );
  expect(statements).toEqual([['logs:CreateLogStream', 'logs:PutLogEvents'], 'secretsmanager:ListSecrets']);
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { ROTATION_FUNCTION_ARN: Match.anyValue(), MAX_AGE_DAYS: '90' } },
  });
  template.hasResourceProperties('AWS::Events::Rule', {
    ScheduleExpression: 'rate(1 hour)',
    Targets: [Match.objectLike({ RetryPolicy: { MaximumRetryAttempts: 0 } })],
  });
});

/** The secrets that the rule for Secrets Manager's own events lets through. */
function secretFilterIn(template: Template): unknown[] {
  const rules = Object.values(template.findResources('AWS::Events::Rule'));
  const pattern = rules.map((rule) => rule['Properties'].EventPattern).find(Boolean);
  expect(pattern).toMatchObject({
    source: ['aws.secretsmanager'],
    'detail-type': ['AWS Service Event via CloudTrail'],
    detail: { eventName: ['RotationFailed', 'RotationAbandoned', 'TestRotationFailed'] },
  });
  return pattern.detail.additionalEventData.SecretId;
}

test('events of failed and abandoned rotations and of failed tests reach the topic, of its own secrets alone', () => {
  expect(JSON.stringify(secretFilterIn(alarmsFor({}, ['milvus/orders', 'milvus/search'])))).toMatch(
    /^\[\{"prefix":.*:secret:milvus\/orders-"\]\]\}\},\{"prefix":.*:secret:milvus\/search-"\]\]\}\}\]$/,
  );
  const many = Array.from({ length: 11 }, (_, index) => `milvus/${index}`);
  expect(secretFilterIn(alarmsFor({}, many))).toEqual([{ prefix: 'arn:' }]);
});

test('a function for a folder hears of the events of its folder', () => {
  const template = templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction', { secretNamePrefix: 'milvus/' });
    new RotationAlarms(scope, 'Alarms', { rotationFunction });
  });
  expect(JSON.stringify(secretFilterIn(template))).toContain(':secret:milvus/"]]}}]');
});

test('an existing topic is used, and let in are alarms of this account only', () => {
  const template = templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction');
    rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, 'S', 'orders'));
    new RotationAlarms(scope, 'Alarms', {
      rotationFunction,
      topic: Topic.fromTopicArn(scope, 'Topic', 'arn:aws:sns:us-east-1:123456789012:oncall'),
    });
  });
  template.resourceCountIs('AWS::SNS::Topic', 0);
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmActions: ['arn:aws:sns:us-east-1:123456789012:oncall'],
  });
  alarmsFor().hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
      ]),
    },
  });
});

test('a dashboard comes with it, unless declined', () => {
  alarmsFor().resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  alarmsFor({ dashboard: false }).resourceCountIs('AWS::CloudWatch::Dashboard', 0);
});

test('cdk-nag finds nothing in it', () => {
  const app = appWithoutBundles();
  const stack = new Stack(app, 'Alarms');
  const rotationFunction = new RotationFunction(stack, 'RotationFunction', { secretNamePrefix: 'milvus/' });
  new RotationAlarms(stack, 'Alarms', { rotationFunction });
  expect(findingsIn(app)).toEqual([]);
});
