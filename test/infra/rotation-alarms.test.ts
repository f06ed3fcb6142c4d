import { readFileSync } from 'node:fs';
import { Duration, Lazy } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../build/release/template/evaluate.ts';
import { alarmsAround } from '../../cli/aws/function-alarms.ts';
import {
  CredentialRotation,
  RotationAlarms,
  type RotationAlarmsProps,
  RotationFunction,
  type RotationFunctionProps,
} from '../../infra/index.ts';
import { KEY_ARN, propertiesOf, templateOf } from './support/templates.ts';

interface Alarmed extends Partial<RotationAlarmsProps> {
  readonly ofFunction?: RotationFunctionProps;
  readonly secrets?: readonly string[];
}

function alarmsFor(alarmed: (scope: Construct) => Alarmed = () => ({})): Template {
  return templateOf((scope) => {
    const { ofFunction = {}, secrets = ['milvus/orders'], ...props } = alarmed(scope);
    const rotationFunction = new RotationFunction(scope, 'RotationFunction', ofFunction);
    new RotationAlarms(scope, 'Alarms', { ...props, rotationFunction });
    for (const name of secrets) {
      rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, name, name));
    }
  });
}

/** The only resource of the type whose id starts so. */
const idIn = (template: Template, type: string, start: string): string | undefined =>
  Object.keys(template.findResources(type)).find((id) => id.startsWith(start));

/** Evaluated, with the id of each resource as its value. */
function alarmsIn(template: Template): Record<string, Record<string, unknown>> {
  const ids = Object.keys(template.toJSON()['Resources'] as object);
  const values = Object.fromEntries(ids.map((id) => [id, id]));
  return Object.fromEntries(
    Object.entries(template.findResources('AWS::CloudWatch::Alarm')).map(([id, { Properties }]) => [
      id.replace(/^Alarms(.*).{8}$/, '$1'),
      evaluate(Properties, {}, values) as Record<string, unknown>,
    ]),
  );
}

describe('the alarms', () => {
  const template = alarmsFor();
  const alarms = alarmsIn(template);
  const fn = idIn(template, 'AWS::Lambda::Function', 'RotationFunction');
  const check = idIn(template, 'AWS::Lambda::Function', 'AlarmsOverdueCheck');

  // With these and the rule for abandoned rotations, one failure raises one alarm.
  test('watch errors, throttles and overdue secrets, and that the check runs, and tell the topic their end', () => {
    const ofFunction = [{ Name: 'FunctionName', Value: fn }];
    const ofCheck = [{ Name: 'FunctionName', Value: check }];
    const actions = [idIn(template, 'AWS::SNS::Topic', 'AlarmsTopic')];
    const common = { Threshold: 1, EvaluationPeriods: 1, AlarmActions: actions, OKActions: actions };
    const counted = { ...common, TreatMissingData: 'notBreaching', Statistic: 'Sum' };
    expect(alarms).toMatchObject({
      RotationFailed: { ...counted, MetricName: 'Errors', Dimensions: ofFunction, Period: 300 },
      Throttled: { ...counted, MetricName: 'Throttles', Dimensions: ofFunction, Period: 300 },
      Overdue: { ...counted, MetricName: 'Errors', Dimensions: ofCheck, Period: 3600 },
      OverdueCheckStopped: {
        ...common,
        MetricName: 'Invocations',
        Dimensions: ofCheck,
        Period: 10_800,
        ComparisonOperator: 'LessThanThreshold',
        // A check that has not run yet raises nothing, because an action needs a change of the
        // state.
        TreatMissingData: 'missing',
        InsufficientDataActions: actions,
      },
    });
    expect(Object.keys(alarms)).toHaveLength(4);
    expect(Object.values(alarms).filter((alarm) => 'InsufficientDataActions' in alarm)).toHaveLength(1);
  });

  test('say nothing of a secret whose schedule the same deployment creates: the check knows it later', () => {
    const withSchedule = templateOf((scope) => {
      const rotationFunction = new RotationFunction(scope, 'RotationFunction');
      new RotationAlarms(scope, 'Alarms', { rotationFunction });
      const secret = Secret.fromSecretNameV2(scope, 'S', 'milvus/orders');
      new CredentialRotation(scope, 'Orders', { rotationFunction, secret });
    });
    const checks = withSchedule.findResources('AWS::Lambda::Function', {
      DependsOn: Match.arrayWith([idIn(withSchedule, 'AWS::SecretsManager::RotationSchedule', 'Orders')]),
    });
    expect(Object.keys(checks)).toEqual([expect.stringMatching(/^AlarmsOverdueCheck/)]);
  });

  test('are those that doctor finds for the function, also if there is another stack', () => {
    const deployed = Object.entries(alarms).map(([AlarmName, properties]) => ({ ...properties, AlarmName }));
    const others = JSON.parse(JSON.stringify(deployed).replaceAll(/AlarmsOverdueCheck|RotationFunction/g, '$&Other'));

    expect(alarmsAround(String(fn), [...deployed, ...others])).toEqual(deployed);
  });

  test.each<[string, Alarmed]>([
    ['https://github.com/zilliz-secret-rotation/zilliz-secret-rotation/blob/main/docs/operations.md', {}],
    ['https://runbooks.example.com/rotation', { runbook: 'https://runbooks.example.com/rotation' }],
  ])('name their entry in the runbook: %s', (page, props) => {
    const built = alarmsFor(() => props);
    const text = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const [section = ''] = text.split('\n## Alarms\n')[1]?.split('\n## ') ?? [];
    const anchors = [...section.matchAll(/^### ([\w-]+)$/gm)].map(([, anchor = '']) => anchor);
    const texts = [
      ...Object.values(alarmsIn(built)).map(({ AlarmDescription }) => String(AlarmDescription)),
      JSON.stringify(built.findResources('AWS::Events::Rule')),
    ];
    const named = texts.flatMap((each) => [...each.matchAll(/What to do: ([\w:/.#-]+)/g)].map(([, entry]) => entry));
    expect(named.toSorted()).toEqual(anchors.map((anchor) => `${page}#${anchor}`).toSorted());
  });

  test('go to an existing topic, or to a new one that allows alarms of this account and rules of EventBridge', () => {
    const arn = 'arn:aws:sns:us-east-1:123456789012:oncall';
    const existing = alarmsFor((scope) => ({ topic: Topic.fromTopicArn(scope, 'Topic', arn) }));
    existing.resourceCountIs('AWS::SNS::Topic', 0);
    existing.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmActions: [arn] });
    const [policy] = propertiesOf(template, 'AWS::SNS::TopicPolicy');
    const statements = policy?.['PolicyDocument'].Statement as { Effect: string }[];
    const publish = { Action: 'sns:Publish', Effect: 'Allow' };
    expect(statements.filter(({ Effect }) => Effect === 'Allow')).toEqual([
      expect.objectContaining({
        ...publish,
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
      // AWS supports no condition for rules of EventBridge.
      expect.objectContaining({ ...publish, Principal: { Service: 'events.amazonaws.com' } }),
    ]);
  });

  test.each([
    ['of another account', 'arn:aws:sns:us-east-1:444455556666:central'],
    [
      'of an account that synth does not know',
      Lazy.string({ produce: () => 'arn:aws:sns:us-east-1:444455556666:later' }),
    ],
  ])('reach a topic %s, with a role for the events', (_, arn) => {
    const central = alarmsFor((scope) => ({ topic: Topic.fromTopicArn(scope, 'Topic', arn) }));
    const role = idIn(central, 'AWS::IAM::Role', 'AlarmsEventsRole');
    // The policy of the topic in examples/organisation/central.yaml names the path.
    central.hasResourceProperties('AWS::IAM::Role', { Path: '/zilliz-rotation/' });
    const [rule] = propertiesOf(central, 'AWS::Events::Rule').filter(({ EventPattern }) => EventPattern);
    expect(rule?.['Targets']).toMatchObject([{ RoleArn: { 'Fn::GetAtt': [role, 'Arn'] } }]);
    central.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [{ Action: 'sns:Publish', Effect: 'Allow', Resource: rule?.['Targets'][0].Arn }] },
      Roles: [{ Ref: role }],
    });
  });

  test('are on a dashboard, unless dashboard is false', () => {
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    alarmsFor(() => ({ dashboard: false })).resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });
});

describe('the check for overdue rotations', () => {
  test('gets a maximum age in days, and may then read the dates of versions of the secrets of the function only', () => {
    const template = alarmsFor(() => ({ maxAge: Duration.hours(48) }));
    const functionArn = { 'Fn::GetAtt': [idIn(template, 'AWS::Lambda::Function', 'RotationFunction'), 'Arn'] };
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ MAX_AGE_DAYS: '2', ROTATION_FUNCTION_ARN: functionArn }) },
    });
    const [, policy] =
      Object.entries(template.findResources('AWS::IAM::Policy')).find(([id]) => id.startsWith('AlarmsOverdueCheck')) ??
      [];
    expect(policy?.['Properties'].PolicyDocument.Statement).toContainEqual({
      Effect: 'Allow',
      Action: 'secretsmanager:ListSecretVersionIds',
      Resource: '*',
      Condition: { StringEquals: { 'secretsmanager:resource/AllowRotationLambdaArn': functionArn } },
    });
  });

  test('runs every hour, and a failed check is not retried', () => {
    const template = alarmsFor();
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 hour)',
      Targets: [Match.objectLike({ RetryPolicy: { MaximumRetryAttempts: 0 } })],
    });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 });
  });

  test('has the secrets, the architecture, the boundary and the key of the log of the rotation function', () => {
    const template = alarmsFor((scope) => ({
      ofFunction: {
        architecture: Architecture.X86_64,
        logEncryptionKey: Key.fromKeyArn(scope, 'Key', KEY_ARN),
        permissionsBoundary: ManagedPolicy.fromManagedPolicyName(scope, 'Limit', 'limit'),
      },
    }));
    const all = (type: string, name: string): unknown[] => propertiesOf(template, type).map((at) => at[name]);
    const variables = { ROTATED_SECRETS: 'milvus/orders-??????' };
    expect(all('AWS::Lambda::Function', 'Environment')).toMatchObject(Array(2).fill({ Variables: variables }));
    expect(all('AWS::Lambda::Function', 'Architectures')).toEqual([['x86_64'], ['x86_64']]);
    expect(all('AWS::Logs::LogGroup', 'KmsKeyId')).toEqual([KEY_ARN, KEY_ARN]);
    const limit = { 'Fn::Join': ['', expect.arrayContaining([':policy/limit'])] };
    expect(all('AWS::IAM::Role', 'PermissionsBoundary')).toEqual([limit, limit]);
  });
});

describe('the rule for events of Secrets Manager', () => {
  /** The pattern, in the partition and region with the longest names. */
  function patternIn(template: Template): { detail: { additionalEventData: { SecretId: unknown[] } } } {
    const longest = {
      'AWS::Partition': 'aws-us-gov',
      'AWS::Region': 'ap-southeast-1',
      'AWS::AccountId': '123456789012',
    };
    const patterns = propertiesOf(template, 'AWS::Events::Rule').map(({ EventPattern }) => EventPattern as unknown);
    return evaluate(patterns.find(Boolean), {}, longest) as ReturnType<typeof patternIn>;
  }
  const arn = (name: string): string => `arn:aws-us-gov:secretsmanager:ap-southeast-1:123456789012:secret:${name}`;

  test('matches abandoned rotations of the secrets of the function only', () => {
    expect(patternIn(alarmsFor(() => ({ secrets: ['milvus/orders', 'milvus/search'] })))).toEqual({
      source: ['aws.secretsmanager'],
      'detail-type': ['AWS Service Event via CloudTrail'],
      detail: {
        eventName: ['RotationAbandoned'],
        additionalEventData: { SecretId: [{ prefix: arn('milvus/orders-') }, { prefix: arn('milvus/search-') }] },
      },
    });
    const folder = patternIn(alarmsFor(() => ({ secrets: [], ofFunction: { secretNamePrefix: 'milvus/' } })));
    expect(folder.detail.additionalEventData.SecretId).toEqual([{ prefix: arn('milvus/') }]);
  });

  test.each([
    [20, 10],
    [3, 512],
  ])('names %i secrets with names of %i characters, and matches all secrets if there is one more', (most, length) => {
    const names = Array.from({ length: most + 1 }, (_, index) => `milvus/${index}-`.padEnd(length, 'x'));
    const pattern = patternIn(alarmsFor(() => ({ secrets: names.slice(1) })));
    expect(pattern.detail.additionalEventData.SecretId).toHaveLength(most);
    expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(2048);
    const tooLong = patternIn(alarmsFor(() => ({ secrets: names })));
    expect(tooLong.detail.additionalEventData.SecretId).toEqual([{ prefix: 'arn:' }]);
  });
});
