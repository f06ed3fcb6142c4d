import { readFileSync } from 'node:fs';
import { Duration, Lazy } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { expect, test } from 'vitest';
import { evaluate } from '../../../build/release/template/evaluate.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import type { RotationFunctionProps } from '../../../infra/function/rotation-function-props.ts';
import { OverdueCheck } from '../../../infra/monitoring/overdue-check.ts';
import { RotationAlarms, type RotationAlarmsProps } from '../../../infra/monitoring/rotation-alarms.ts';
import { propertiesOf, templateOf } from '../support/templates.ts';

function alarmsFor(
  props: Partial<RotationAlarmsProps> = {},
  secrets: readonly string[] = ['milvus/orders'],
  functionProps: RotationFunctionProps = {},
): Template {
  return templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction', functionProps);
    new RotationAlarms(scope, 'Alarms', { ...props, rotationFunction });
    for (const name of secrets) {
      rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, name, name));
    }
  });
}

/** The anchors of the section "Alarms" in docs/operations.md. */
function runbookEntries(): string[] {
  const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const [section = ''] = page.split('\n## Alarms\n')[1]?.split('\n## ') ?? [];
  return [...section.matchAll(/^### ([\w-]+)$/gm)].map(([, anchor = '']) => anchor);
}

/** The end of the description of an alarm. Names of resources are known only at deployment. */
function runbookIn(description: unknown): string {
  const { 'Fn::Join': join } = description as { 'Fn::Join': [string, unknown[]] };
  return String(join[1].at(-1)).replace(/^.*What to do: /, '');
}

test('every alarm says which secret it is about, or where the name of the secret is', () => {
  const template = alarmsFor();
  const [log, checkLog] = Object.keys(template.findResources('AWS::Logs::LogGroup')).toSorted().toReversed();
  const [fn] = Object.keys(template.findResources('AWS::Lambda::Function')).toSorted().toReversed();
  const byName = Object.fromEntries(
    Object.entries(template.findResources('AWS::CloudWatch::Alarm')).map(([id, alarm]) => [
      id.replace(/^Alarms(.*).{8}$/, '$1'),
      alarm['Properties'].AlarmDescription['Fn::Join'][1].slice(0, 2) as unknown,
    ]),
  );
  const inLog = [expect.stringMatching(/\. Secret: field secret_arn in log group $/), { Ref: log }];
  const ofFunction = [expect.stringMatching(/\. Secrets: zilliz-rotation status --rotated-by $/), { Ref: fn }];
  expect(byName).toEqual({
    RotationFailed: inLog,
    FunctionErrors: inLog,
    TimedOut: inLog,
    Throttled: ofFunction,
    Overdue: [expect.stringMatching(/\. Secret: field secret in log group $/), { Ref: checkLog }],
    OverdueCheckStopped: ofFunction,
  });
});

test.each<[RotationAlarmsProps['runbook'], string]>([
  [undefined, 'https://github.com/zilliz-secret-rotation/zilliz-secret-rotation/blob/main/docs/operations.md'],
  ['https://runbooks.example.com/rotation', 'https://runbooks.example.com/rotation'],
])('every alarm notifies the topic and names its entry in the runbook: %s', (runbook, page) => {
  const template = alarmsFor(runbook === undefined ? {} : { runbook });
  const alarms = propertiesOf(template, 'AWS::CloudWatch::Alarm');
  const entries = runbookEntries().filter((anchor) => anchor !== 'rotation-events');
  expect(entries.length).toBeGreaterThan(5);
  expect(alarms.map(({ AlarmDescription }) => runbookIn(AlarmDescription)).toSorted()).toEqual(
    entries.map((anchor) => `${page}#${anchor}`).toSorted(),
  );
  expect(JSON.stringify(template.findResources('AWS::Events::Rule'))).toContain(`What to do: ${page}#rotation-events`);
  const [topic] = Object.keys(template.findResources('AWS::SNS::Topic'));
  for (const { AlarmActions } of alarms) {
    expect(AlarmActions).toEqual([{ Ref: topic }]);
  }
});

test('failed steps are counted by the metric of the function, without CloudTrail', () => {
  const template = alarmsFor();
  const [fn] = Object.keys(template.findResources('AWS::Lambda::Function', { Properties: { Timeout: 60 } })).filter(
    (id) => id.startsWith('RotationFunction'),
  );
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'ZillizSecretRotation',
    MetricName: 'StepFailed',
    Dimensions: [{ Name: 'service', Value: { Ref: fn } }],
    Statistic: 'Sum',
    Threshold: 1,
    TreatMissingData: 'notBreaching',
  });
});

test('a step that uses 95 % of its timeout sets off the alarm TimedOut', () => {
  alarmsFor({}, ['orders'], { timeout: Duration.seconds(100) }).hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'Duration',
    Statistic: 'Maximum',
    Threshold: 95_000,
  });
});

test('an alarm goes off if the overdue check does not run', () => {
  alarmsFor().hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'Invocations',
    Period: 10_800,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  });
});

test('the overdue check may list secrets, but not read them', () => {
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
});

test('the overdue check runs every hour, and a failed check is not retried', () => {
  const template = alarmsFor();
  template.hasResourceProperties('AWS::Events::Rule', {
    ScheduleExpression: 'rate(1 hour)',
    Targets: [Match.objectLike({ RetryPolicy: { MaximumRetryAttempts: 0 } })],
  });
  const [check] = Object.keys(
    template.findResources('AWS::Lambda::Function', {
      Properties: { Environment: { Variables: { ROTATION_FUNCTION_ARN: Match.anyValue() } } },
    }),
  );
  template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    FunctionName: { Ref: check },
    Qualifier: '$LATEST',
    MaximumRetryAttempts: 0,
  });
});

test.each([
  ['1 day 12 hours', Duration.hours(36)],
  ['0 days', Duration.days(0)],
  ['12 hours', Duration.days(0.5)],
  ['1001 days', Duration.days(1001)],
  ['<token> days', Duration.days(Lazy.number({ produce: () => 90 }))],
])('a maxAge of %s is an error, and the message names the allowed values', (shown, maxAge) => {
  expect(() => alarmsFor({ maxAge })).toThrow(
    `Test/Alarms/OverdueCheck: maxAge is ${shown}, but the check compares ages in whole days from 1 to 1000.`,
  );
});

test('a maxAge in hours is valid if the hours make whole days', () => {
  alarmsFor({ maxAge: Duration.hours(48) }).hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: Match.objectLike({ MAX_AGE_DAYS: '2' }) },
  });
});

test('the role of the check has its own permissions boundary or that of the rotation function', () => {
  const boundariesWith = (own: boolean): unknown[] => {
    const template = templateOf((scope) => {
      const boundary = (name: string) => ManagedPolicy.fromManagedPolicyName(scope, name, name);
      const rotationFunction = new RotationFunction(scope, 'RotationFunction', {
        secretNamePrefix: 'milvus/',
        permissionsBoundary: boundary('limit'),
      });
      new RotationAlarms(scope, 'Alarms', {
        rotationFunction,
        ...(own && { permissionsBoundary: boundary('narrower') }),
      });
    });
    return Object.values(template.findResources('AWS::IAM::Role')).map((role) =>
      JSON.stringify(role['Properties'].PermissionsBoundary).replace(/.*:policy\/([a-z]+).*/, '$1'),
    );
  };
  expect(boundariesWith(false)).toEqual(['limit', 'limit']);
  expect(boundariesWith(true)).toEqual(['limit', 'narrower']);
});

test('the resources of the alarms and of a separate check have the given tags', () => {
  const template = templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction', { secretNamePrefix: 'milvus/' });
    new RotationAlarms(scope, 'Alarms', { rotationFunction, tags: { team: 'platform' } });
    new OverdueCheck(scope, 'Check', { rotationFunction, tags: { team: 'search' } });
  });
  const tagged = (team: string): string[] =>
    Object.values(template.toJSON()['Resources'] as Record<string, { Type: string; Properties: { Tags?: unknown } }>)
      .filter(({ Properties }) => JSON.stringify(Properties.Tags)?.includes(`"${team}"`))
      .map(({ Type }) => Type);
  expect(tagged('platform')).toEqual(
    expect.arrayContaining(['AWS::SNS::Topic', 'AWS::CloudWatch::Alarm', 'AWS::IAM::Role', 'AWS::Lambda::Function']),
  );
  expect(tagged('search')).toEqual(
    expect.arrayContaining(['AWS::Logs::LogGroup', 'AWS::IAM::Role', 'AWS::Lambda::Function', 'AWS::Events::Rule']),
  );
});

/** The filter for secrets in the event pattern of the rule. */
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

test('the rule matches failed rotations, abandoned rotations and failed tests of its own secrets only', () => {
  expect(JSON.stringify(secretFilterIn(alarmsFor({}, ['milvus/orders', 'milvus/search'])))).toMatch(
    /^\[\{"prefix":.*:secret:milvus\/orders-"\]\]\}\},\{"prefix":.*:secret:milvus\/search-"\]\]\}\}\]$/,
  );
});

/** Different names of one length. */
const names = (count: number, length: number): string[] =>
  Array.from({ length: count }, (_, index) => `milvus/${index}-`.padEnd(length, 'x'));

test.each([
  [20, 10],
  [7, 160],
  [3, 512],
])(
  'the rule names %i secrets with names of %i characters, and matches all secrets if there is one more',
  (most, length) => {
    const named = alarmsFor({}, names(most, length));
    expect(secretFilterIn(named)).toHaveLength(most);
    expect(lengthOfPatternIn(named)).toBeLessThanOrEqual(2048);
    expect(secretFilterIn(alarmsFor({}, names(most + 1, length)))).toEqual([{ prefix: 'arn:' }]);
  },
);

/** Characters that EventBridge counts, in the partition and region with the longest names. */
function lengthOfPatternIn(template: Template): number {
  const longest = {
    'AWS::Partition': 'aws-us-gov',
    'AWS::Region': 'ap-southeast-1',
    'AWS::AccountId': '123456789012',
  };
  const rules = Object.values(template.findResources('AWS::Events::Rule'));
  const pattern: unknown = rules.map((rule) => rule['Properties'].EventPattern).find(Boolean);
  return JSON.stringify(evaluate(pattern, {}, longest)).length;
}

test('for a function with a name prefix, the rule matches the secrets under that prefix', () => {
  const template = alarmsFor({}, [], { secretNamePrefix: 'milvus/' });
  expect(JSON.stringify(secretFilterIn(template))).toContain(':secret:milvus/"]]}}]');
});

test('the alarms notify an existing topic', () => {
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
});

test('a new topic allows alarms of this account, and EventBridge rules, for which AWS supports no condition', () => {
  const [policy] = propertiesOf(alarmsFor(), 'AWS::SNS::TopicPolicy');
  const statements = policy?.['PolicyDocument'].Statement as { Effect: string; Principal: unknown }[];
  const ofThisAccount = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };
  const publish = { Action: 'sns:Publish', Effect: 'Allow' };
  expect(statements.filter(({ Effect }) => Effect === 'Allow')).toEqual([
    expect.objectContaining({
      ...publish,
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: ofThisAccount,
    }),
    expect.not.objectContaining({ Condition: expect.anything() }),
  ]);
  expect(statements.map(({ Principal }) => Principal)).toContainEqual({ Service: 'events.amazonaws.com' });
});

test('a dashboard is created unless dashboard is false', () => {
  alarmsFor().resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  alarmsFor({ dashboard: false }).resourceCountIs('AWS::CloudWatch::Dashboard', 0);
});
