import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { functionPolicy } from '../../build/release/function-policy.ts';
import { evaluate, type Values } from '../../build/release/template/evaluate.ts';
import { asYaml, type CloudFormationTemplate, releaseTemplate } from '../../build/release/template/template.ts';
import { RotationFunction } from '../../infra/function/rotation-function.ts';
import type { RotationFunctionProps } from '../../infra/function/rotation-function-props.ts';
import { CredentialRotation } from '../../infra/rotation/credential-rotation.ts';
import { PROJECT } from '../../local/project.ts';
import { DEFAULT_CONTROL_PLANE } from '../../protocol/keys/control-plane.ts';
import { readConfig } from '../../protocol/rotation/function-config.ts';
import { type PinsLocation, parsePinsLocation, pinsSecretOf } from '../../protocol/secret/pins.ts';
import { KEY_ARN, templateOf } from '../infra/support/templates.ts';

const ZIPS = {
  rotation: 'rotation-function-1.2.3-0123456789ab.zip',
  overdue: 'overdue-function-1.2.3-ba9876543210.zip',
};

let template: CloudFormationTemplate;

beforeAll(() => {
  template = releaseTemplate(PROJECT, '1.2.3', ZIPS);
});

const MANAGER_ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:zilliz/manager-Ab12Cd';
const TOPIC_ARN = 'arn:aws:sns:us-east-1:123456789012:alarms';

/** Pseudo parameters, and an ARN for each resource of a template, without the hash of its id. */
function valuesIn({ Resources }: CloudFormationTemplate, parameters: Values): Values {
  return {
    'AWS::Partition': 'aws',
    'AWS::Region': 'us-east-1',
    'AWS::AccountId': '123456789012',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': 'rotation',
    CodeBucket: 'code',
    ...Object.fromEntries(
      Object.keys(Resources).flatMap((id) => [
        [id, `${parameters['AWS::StackName'] ?? 'rotation'}-${id}`],
        [`${id}.Arn`, `arn:of:${id.slice(0, -8)}`],
      ]),
    ),
    ...parameters,
  };
}

/** The resources that CloudFormation creates with these parameters, by type. */
function deployed(parameters: Values, from = template): Readonly<Record<string, Record<string, unknown>[]>> {
  const values = valuesIn(from, parameters);
  const created = Object.values(from.Resources)
    .filter(({ Condition }) => Condition === undefined || evaluate(from.Conditions[Condition], from, values))
    .map(({ Type, Properties }) => [Type, evaluate(Properties, from, values) as Record<string, unknown>] as const);
  return Object.fromEntries(
    [...Map.groupBy(created, ([type]) => type)].map(([type, all]) => [type, all.map(([, properties]) => properties)]),
  );
}

const environmentsIn = (resources: ReturnType<typeof deployed>): Values[] =>
  (resources['AWS::Lambda::Function'] ?? []).map(({ Environment }) => (Environment as { Variables: Values }).Variables);

describe('the template of a release', () => {
  it('needs no bootstrap, no asset and no upload of the template', () => {
    const text = asYaml(template);
    expect(parse(text)).toEqual({ AWSTemplateFormatVersion: '2010-09-09', ...template });
    expect(text).not.toMatch(/BootstrapVersion|cdk-hnb|aws:cdk|aws:asset|CDKMetadata|Fn::ForEach|^Transform/m);
    // CloudFormation's limit for a template in a request.
    expect(text.length).toBeLessThan(51_200);
  });

  it('takes the code of its release, also at an update, or the objects that the parameters name', () => {
    // An update of a stack keeps the values of its parameters.
    expect(JSON.stringify(template.Parameters)).not.toContain('.zip"');
    const codeOf = (parameters: Values): unknown[] =>
      (deployed({ AlarmTopicArn: TOPIC_ARN, ...parameters })['AWS::Lambda::Function'] ?? []).map(({ Code }) => Code);
    expect(codeOf({ SecretName1: 'orders' })).toEqual(
      [ZIPS.rotation, ZIPS.overdue].map((zip) => ({ S3Bucket: 'code', S3Key: `zilliz-secret-rotation/${zip}` })),
    );
    const keys = { RotationFunctionKey: 'one.zip', OverdueFunctionKey: 'two.zip' };
    expect(codeOf({ SecretName1: 'orders', ...keys })).toEqual(
      Object.values(keys).map((S3Key) => ({ S3Bucket: 'code', S3Key })),
    );
  });

  it('names several secrets and a folder in the role, in both functions and in the filter of events', () => {
    const names = Object.fromEntries([1, 2, 3, 4, 5].map((index) => [`SecretName${index}`, `team${index}/milvus`]));
    const resources = deployed({ ...names, SecretNamePrefix: 'milvus/', AlarmTopicArn: TOPIC_ARN });
    const ends = [1, 2, 3, 4, 5].map((index) => `team${index}/milvus-??????`).concat('milvus/*');
    const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:';
    expect(JSON.stringify(statementsOf(resources))).toContain(JSON.stringify(ends.map((end) => `${arn}${end}`)));
    expect(environmentsIn(resources)).toEqual([
      expect.objectContaining({ ROTATED_SECRETS: ends.join(',') }),
      expect.objectContaining({ ROTATED_SECRETS: ends.join(',') }),
    ]);
    expect(resources['AWS::SecretsManager::RotationSchedule']).toHaveLength(5);
    const filters = ends.map((end) => ({ prefix: `${arn}${end.replace(/[?*]+$/, '')}` }));
    expect(JSON.stringify(resources['AWS::Events::Rule'])).toContain(JSON.stringify(filters));
  });

  it('stores the pins where the function reads them, and may read them', () => {
    const pins = '{"milvus/orders":{"endpoint":"https://in01.example.com","username":"orders"}}';
    const resources = deployed({ SecretName1: 'milvus/orders', Pins: pins });
    const [environment] = environmentsIn(resources);
    const location = parsePinsLocation(environment?.['SECRET_TARGETS'] ?? '') as PinsLocation;
    expect(resources['AWS::SecretsManager::Secret']).toEqual([
      expect.objectContaining({ Name: pinsSecretOf('milvus/orders', location), SecretString: pins }),
    ]);
    const read = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue' };
    expect(statementsOf(resources)).toContainEqual({ ...read, Resource: 'rotation-PinsSecret' });
    expect(environmentsIn(deployed({ SecretName1: 'milvus/orders' }))[0]).not.toHaveProperty('SECRET_TARGETS');
  });

  it('lets the function read a secret with pins for each secret, which other stacks create', () => {
    const resources = deployed({ SecretNamePrefix: 'milvus/', PinsOfEachSecret: 'true' });
    const location = parsePinsLocation(environmentsIn(resources)[0]?.['SECRET_TARGETS'] ?? '');
    expect(location).toEqual({ prefix: 'zilliz-rotation-pins/each', count: 'each', isComplete: true });
    expect(resources).not.toHaveProperty('AWS::SecretsManager::Secret');
    expect(statementsOf(resources)).toContainEqual({
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:zilliz-rotation-pins/each/*',
    });
  });

  it('creates the pins and the permission to read them before the function, and the schedules after it', () => {
    const isOf = (type: string) => (id: string) => template.Resources[id]?.Type === type;
    const ids = Object.keys(template.Resources);
    const schedules = ids.filter(isOf('AWS::SecretsManager::RotationSchedule'));
    expect(schedules).toHaveLength(5);
    const fn = ids.find((id) => id.startsWith('RotationFunction') && isOf('AWS::Lambda::Function')(id)) ?? '';
    const policy = ids.find((id) => id.startsWith('RotationFunctionRoleDefaultPolicy')) ?? '';
    for (const [first, second] of [
      ['PinsSecret', policy],
      [policy, fn],
      ...schedules.map((schedule) => [fn, schedule]),
    ] as [string, string][]) {
      // A name in DependsOn, Ref or Fn::GetAtt.
      expect(JSON.stringify(template.Resources[second])).toContain(`"${first}"`);
    }
  });

  it.each([undefined, KEY_ARN])('gives the role the statements of the constructs, with the key %s', (keyArn) => {
    const names = ['milvus/orders', 'milvus/search'];
    const parameters = { SecretName1: 'milvus/orders', SecretName2: 'milvus/search', SecretKeyArn: keyArn ?? '' };
    expect(statementsOf(deployed(parameters))).toEqual(statementsOf(deployed({}, constructsFor(names, keyArn))));
    const managed = { ...parameters, ManagerSecretArn: MANAGER_ARN, ManagerSecretKeyArn: keyArn ?? '' };
    const built = constructsFor(names, keyArn, (scope) => ({
      managerSecret: Secret.fromSecretAttributes(scope, 'Manager', {
        secretCompleteArn: MANAGER_ARN,
        ...(keyArn !== undefined && { encryptionKey: Key.fromKeyArn(scope, 'ManagerKey', keyArn) }),
      }),
    }));
    expect(statementsOf(deployed(managed))).toEqual(statementsOf(deployed({}, built)));
    expect(environmentsIn(deployed(managed))).toMatchObject([{ MANAGER_SECRET_ARN: MANAGER_ARN }]);
    expect(environmentsIn(deployed(parameters))[0]).not.toHaveProperty('MANAGER_SECRET_ARN');
  });

  it('tells the function the control plane of the parameters, by default that of the constructs', () => {
    const settingsOf = (parameters: Values): unknown =>
      readConfig(environmentsIn(deployed({ SecretNamePrefix: 'milvus/', ...parameters }))[0] ?? {}).controlPlane;
    expect(settingsOf({})).toEqual(DEFAULT_CONTROL_PLANE);
    const url = 'https://api.cloud.zilliz.com.cn';
    const given = { ControlPlaneUrl: url, ControlPlanePath: 'apiKeys', ControlPlaneSuccessCodes: '0,201' };
    expect(settingsOf(given)).toEqual({ url, path: 'apiKeys', successCodes: [0, 201] });
  });

  it('attaches the function to the subnets, and denies the interfaces to its code', () => {
    const network = { SubnetIds: 'subnet-1,subnet-2', SecurityGroupIds: 'sg-1' };
    const resources = deployed({ SecretNamePrefix: 'milvus/', ...network });
    expect(resources['AWS::Lambda::Function']?.[0]?.['VpcConfig']).toEqual({
      SubnetIds: ['subnet-1', 'subnet-2'],
      SecurityGroupIds: ['sg-1'],
    });
    const effects = (statementsOf(resources) as { Effect: string; Action: string[] }[])
      .filter(({ Action }) => Action.includes('ec2:CreateNetworkInterface'))
      .map(({ Effect }) => Effect);
    expect(effects).toEqual(['Allow', 'Deny']);
  });

  it('sends every alarm to the topic, and counts the failures of its own stack', () => {
    const parameters = { SecretNamePrefix: 'milvus/', AlarmTopicArn: TOPIC_ARN };
    const [one, other] = ['one', 'other'].map(
      (name) => deployed({ ...parameters, 'AWS::StackName': name })['AWS::CloudWatch::Alarm'] ?? [],
    );
    const alarms = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
    expect(one?.length).toBe(alarms.length);
    expect(new Set(one?.flatMap(({ AlarmActions }) => AlarmActions))).toEqual(new Set([TOPIC_ARN]));
    const metrics = [one, other].map((ofStack) =>
      ofStack?.map(({ MetricName, Dimensions }) => JSON.stringify({ MetricName, Dimensions })),
    );
    expect(metrics[0]?.filter((metric) => metrics[1]?.includes(metric))).toEqual([]);
  });

  it.each([
    ['no secret, because IAM refuses a statement without resources', 'SomeSecret', {}, {}],
    ['two places of pins', 'OnePlaceOfPins', { Pins: '{}' }, { PinsOfEachSecret: 'true' }],
  ])('refuses %s', (_, rule, one, other) => {
    // The type of a parsed template has the sections that other tests read.
    const { Rules } = template as unknown as { Rules: Record<string, { Assertions: { Assert: unknown }[] }> };
    const isAllowed = (parameters: Values): unknown =>
      evaluate(Rules[rule]?.Assertions[0]?.Assert, template, valuesIn(template, parameters));
    expect(isAllowed({ ...one, ...other })).toBe(false);
    const secret = { SecretName1: 'milvus/orders' };
    expect([isAllowed({ ...secret, ...one }), isAllowed({ ...secret, ...other })]).toEqual([true, true]);
  });
});

describe('iam-policy.json', () => {
  it('has the statements of the role in the template, with placeholders and a name for each', () => {
    const parameters = {
      SecretName1: 'SECRET_NAME',
      SecretKeyArn: 'KEY_ARN',
      SubnetIds: 'subnet-1',
      Pins: '{}',
      ManagerSecretArn: 'MANAGER_SECRET_ARN',
      ManagerSecretKeyArn: 'MANAGER_KEY_ARN',
      RotatedEvents: 'true',
    };
    const statements = JSON.stringify(statementsOf(deployed(parameters)))
      .replaceAll('123456789012', 'ACCOUNT_ID')
      .replaceAll('us-east-1', 'REGION')
      .replaceAll('rotation-PinsSecret', 'PINS_SECRET_ARN')
      .replaceAll('arn:of:RotationFunctionLogGroup', 'arn:aws:logs:REGION:ACCOUNT_ID:log-group:LOG_GROUP:*')
      .replaceAll('arn:of:RotationFunction', 'arn:aws:lambda:REGION:ACCOUNT_ID:function:FUNCTION_NAME');
    const { Statement } = functionPolicy(template) as { Statement: { Sid: string }[] };
    expect(Statement.map(({ Sid: _, ...statement }) => statement)).toEqual(JSON.parse(statements));
    expect(new Set(Statement.map(({ Sid }) => Sid)).size).toBe(10);
  });
});

/** The template of a CDK app for these secrets. */
function constructsFor(
  names: readonly string[],
  keyArn?: string,
  props: (scope: Construct) => RotationFunctionProps = () => ({}),
): CloudFormationTemplate {
  const built = templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction', props(scope));
    const key = keyArn === undefined ? {} : { encryptionKey: Key.fromKeyArn(scope, 'Key', keyArn) };
    for (const name of names) {
      const secret = Secret.fromSecretNameV2(scope, `Secret-${name}`, name);
      new CredentialRotation(scope, name, { rotationFunction, secret, ...key });
    }
  });
  // The bucket of the code has a name that evaluate cannot make.
  const text = JSON.stringify(built.toJSON(), (key, value: unknown) => (key === 'Code' ? undefined : value));
  return JSON.parse(text) as CloudFormationTemplate;
}

/** The statements of the policies of the rotation function's role. */
function statementsOf(resources: ReturnType<typeof deployed>): unknown[] {
  return (resources['AWS::IAM::Policy'] ?? [])
    .filter(({ Roles }) => String(Roles).includes('-RotationFunctionRole'))
    .flatMap(({ PolicyDocument }) => (PolicyDocument as { Statement: unknown[] }).Statement);
}
