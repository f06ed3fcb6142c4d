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
import { RotationFunction } from '../../infra/function/rotation-function.ts';
import type { RotationFunctionProps } from '../../infra/function/rotation-function-props.ts';
import { RotationAlarms, type RotationAlarmsProps } from '../../infra/monitoring/rotation-alarms.ts';
import { CredentialRotation } from '../../infra/rotation/credential-rotation.ts';
import { KEY_ARN, propertiesOf, templateOf } from './support/templates.ts';

type Props<Of> = (scope: Construct) => Partial<Of>;

function alarmsFor(
  props: Props<RotationAlarmsProps> = () => ({}),
  secrets: readonly string[] = ['milvus/orders'],
  functionProps: Props<RotationFunctionProps> = () => ({}),
): Template {
  return templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction', functionProps(scope));
    new RotationAlarms(scope, 'Alarms', { ...props(scope), rotationFunction });
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

  test('watch errors, throttles and overdue secrets, and that the check runs', () => {
    const ofFunction = [{ Name: 'FunctionName', Value: fn }];
    const ofCheck = [{ Name: 'FunctionName', Value: check }];
    const common = { Threshold: 1, EvaluationPeriods: 1, TreatMissingData: 'notBreaching', Statistic: 'Sum' };
    expect(alarms).toMatchObject({
      RotationFailed: { ...common, MetricName: 'Errors', Dimensions: ofFunction, Period: 300 },
      Throttled: { ...common, MetricName: 'Throttles', Dimensions: ofFunction, Period: 300 },
      Overdue: { ...common, MetricName: 'Errors', Dimensions: ofCheck, Period: 3600 },
      OverdueCheckStopped: {
        MetricName: 'Invocations',
        Dimensions: ofCheck,
        Period: 10_800,
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'missing',
      },
    });
    expect(Object.keys(alarms)).toHaveLength(4);
  });

  test('say nothing of a secret whose schedule the same deployment creates: the check knows it later', () => {
    const withSchedule = templateOf((scope) => {
      const rotationFunction = new RotationFunction(scope, 'RotationFunction');
      new RotationAlarms(scope, 'Alarms', { rotationFunction });
      new CredentialRotation(scope, 'Orders', {
        rotationFunction,
        secret: Secret.fromSecretNameV2(scope, 'S', 'milvus/orders'),
      });
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

  test('tell the topic the end of each alarm, and that the check stopped, but not that it has not run yet', () => {
    const topic = { Ref: expect.stringMatching(/^AlarmsTopic/) };
    for (const [id, { Properties }] of Object.entries(template.findResources('AWS::CloudWatch::Alarm'))) {
      expect(Properties).toMatchObject({ AlarmActions: [topic], OKActions: [topic] });
      expect(Properties.InsufficientDataActions).toEqual(id.includes('Stopped') ? [topic] : undefined);
    }
  });

  // What Lambda counts and what Secrets Manager sends in each case, as their pages say.
  test.each<[failure: string, seen: Seen, alarm: string]>([
    ['a step fails, or the function', { rotation: ['Errors'], event: 'RotationFailed' }, 'RotationFailed'],
    ['a step runs out of time', { rotation: ['Errors', 'Duration'], event: 'RotationFailed' }, 'RotationFailed'],
    ['another caller sends an event', { rotation: ['Errors'] }, 'RotationFailed'],
    ['the test of a schedule fails', { rotation: ['Errors'], event: 'TestRotationFailed' }, 'RotationFailed'],
    ['no concurrency is free', { rotation: ['Throttles'], event: 'RotationFailed' }, 'Throttled'],
    ['somebody stores a value during a rotation', { event: 'RotationAbandoned' }, 'RotationEvents'],
    // No invocation fails. The hourly check finds it two hours after the date of the next rotation.
    ['the function or its permission is gone', { event: 'RotationFailed', check: ['Errors'] }, 'Overdue'],
    ['rotation is off, or the check fails', { check: ['Errors'] }, 'Overdue'],
    ['the check does not run', { check: ['Invocations'] }, 'OverdueCheckStopped'],
  ])('one failure raises one alarm: %s', (_, seen, alarm) => {
    expect(raisedBy(seen)).toEqual([alarm]);
  });

  /** What Lambda's metrics of both functions and Secrets Manager's events show of a failure. */
  interface Seen {
    readonly rotation?: readonly string[];
    readonly check?: readonly string[];
    readonly event?: string;
  }

  function raisedBy({ rotation = [], check: ofCheck = [], event }: Seen): string[] {
    const metrics = [...rotation.map((name) => `${fn} ${name}`), ...ofCheck.map((name) => `${check} ${name}`)];
    const raised = Object.entries(alarms).filter(([, { MetricName, Dimensions }]) =>
      (Dimensions as { Value: string }[]).some(({ Value }) => metrics.includes(`${Value} ${String(MetricName)}`)),
    );
    const rules = Object.entries(template.findResources('AWS::Events::Rule')).filter(([, { Properties }]) =>
      (Properties.EventPattern?.detail.eventName as string[] | undefined)?.includes(event ?? ''),
    );
    return [...raised.map(([id]) => id), ...rules.map(([id]) => id.replace(/^Alarms(.*).{8}$/, '$1'))];
  }

  test.each<[string | undefined, string]>([
    [undefined, 'https://github.com/zilliz-secret-rotation/zilliz-secret-rotation/blob/main/docs/operations.md'],
    ['https://runbooks.example.com/rotation', 'https://runbooks.example.com/rotation'],
  ])('notify the topic and name their entry in the runbook: %s', (runbook, page) => {
    const built = alarmsFor(() => (runbook === undefined ? {} : { runbook }));
    const text = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const [section = ''] = text.split('\n## Alarms\n')[1]?.split('\n## ') ?? [];
    const anchors = [...section.matchAll(/^### ([\w-]+)$/gm)].map(([, anchor = '']) => anchor);
    const named = Object.values(alarmsIn(built)).map(({ AlarmDescription, AlarmActions }) => {
      expect(AlarmActions).toEqual([idIn(built, 'AWS::SNS::Topic', 'Alarms')]);
      return String(AlarmDescription).replace(/^.*What to do: /, '');
    });
    expect([...named, `${page}#rotation-abandoned`].toSorted()).toEqual(
      anchors.map((anchor) => `${page}#${anchor}`).toSorted(),
    );
    expect(JSON.stringify(built.findResources('AWS::Events::Rule'))).toContain(
      `What to do: ${page}#rotation-abandoned`,
    );
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
  test('may read the dates of versions with a maximum age, of the secrets that the function rotates only', () => {
    const template = alarmsFor(() => ({ maxAge: Duration.days(90) }));
    const functionArn = { 'Fn::GetAtt': [idIn(template, 'AWS::Lambda::Function', 'RotationFunction'), 'Arn'] };
    const [, policy] =
      Object.entries(template.findResources('AWS::IAM::Policy')).find(([id]) => id.startsWith('AlarmsOverdueCheck')) ??
      [];
    expect(policy?.['Properties'].PolicyDocument.Statement).toContainEqual({
      Effect: 'Allow',
      Action: 'secretsmanager:ListSecretVersionIds',
      Resource: '*',
      Condition: {
        StringEquals: {
          'secretsmanager:resource/AllowRotationLambdaArn': functionArn,
        },
      },
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

  test.each([
    ['each secret', undefined, 'milvus/orders-??????'],
    ['the prefix', 'milvus/', 'milvus/*'],
  ])('has the list of the secrets of the rotation function: %s', (_, secretNamePrefix, expected) => {
    const template = alarmsFor(undefined, undefined, () =>
      secretNamePrefix === undefined ? {} : { secretNamePrefix },
    );
    const lists = propertiesOf(template, 'AWS::Lambda::Function').map(
      ({ Environment }) => Environment.Variables.ROTATED_SECRETS as unknown,
    );
    expect(lists).toEqual([expected, expected]);
  });

  test('has the architecture, the boundary and the key of the log of the rotation function', () => {
    const boundary = (scope: Construct, name: string) => ManagedPolicy.fromManagedPolicyName(scope, name, name);
    const ofFunction: Props<RotationFunctionProps> = (scope) => ({
      architecture: Architecture.X86_64,
      logEncryptionKey: Key.fromKeyArn(scope, 'Key', KEY_ARN),
      permissionsBoundary: boundary(scope, 'limit'),
    });
    const template = alarmsFor(undefined, undefined, ofFunction);
    const all = (type: string, name: string): unknown[] =>
      propertiesOf(template, type).map((at) => at[name] as unknown);
    expect(all('AWS::Lambda::Function', 'Architectures')).toEqual([['x86_64'], ['x86_64']]);
    expect(all('AWS::Logs::LogGroup', 'KmsKeyId')).toEqual([KEY_ARN, KEY_ARN]);
    const boundaries = (of: Template): unknown[] =>
      propertiesOf(of, 'AWS::IAM::Role').map(({ PermissionsBoundary }) =>
        JSON.stringify(PermissionsBoundary).replace(/.*:policy\/([a-z]+).*/, '$1'),
      );
    expect(boundaries(template)).toEqual(['limit', 'limit']);
  });

  test('gets maxAge in days', () => {
    alarmsFor(() => ({ maxAge: Duration.hours(48) })).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ MAX_AGE_DAYS: '2', ROTATION_FUNCTION_ARN: Match.anyValue() }) },
    });
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
    expect(patternIn(alarmsFor(undefined, ['milvus/orders', 'milvus/search']))).toEqual({
      source: ['aws.secretsmanager'],
      'detail-type': ['AWS Service Event via CloudTrail'],
      detail: {
        eventName: ['RotationAbandoned'],
        additionalEventData: { SecretId: [{ prefix: arn('milvus/orders-') }, { prefix: arn('milvus/search-') }] },
      },
    });
    const { detail } = patternIn(alarmsFor(undefined, [], () => ({ secretNamePrefix: 'milvus/' })));
    expect(detail.additionalEventData.SecretId).toEqual([{ prefix: arn('milvus/') }]);
  });

  test.each([
    [20, 10],
    [3, 512],
  ])('names %i secrets with names of %i characters, and matches all secrets if there is one more', (most, length) => {
    const names = Array.from({ length: most + 1 }, (_, index) => `milvus/${index}-`.padEnd(length, 'x'));
    const pattern = patternIn(alarmsFor(undefined, names.slice(1)));
    expect(pattern.detail.additionalEventData.SecretId).toHaveLength(most);
    expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(2048);
    expect(patternIn(alarmsFor(undefined, names)).detail.additionalEventData.SecretId).toEqual([{ prefix: 'arn:' }]);
  });
});
