import { readFileSync } from 'node:fs';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../infra/configuration/read-configuration.ts';
import { configuredName } from '../../infra/configuration/secret-keys.ts';
import { ENDPOINT, KEY_ARN, statementsIn, templateOfConfiguration } from './support/templates.ts';

const ORDERS = `{create: milvus/orders, endpoint: "${ENDPOINT}", username: orders}`;
const SEARCH = '{name: milvus/search, schedule: cron(0 3 ? * SUN#1 *), duration: 2h}';
const BILLING = '{arn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/billing-Ab12Cd"}';

const withSecrets = (...secrets: string[]): Template => templateOfConfiguration(`secrets: [${secrets.join(', ')}]`);
const withFunction = (keys: string): Template => templateOfConfiguration(`function: {${keys}}\nsecrets: [${SEARCH}]`);
const resourcesOf = (...secrets: string[]): Record<string, unknown> =>
  withSecrets(...secrets).toJSON()['Resources'] as Record<string, unknown>;

test('a name that is a prefix of another name causes no duplicate construct id', () => {
  const names = ['a', 'a-Key', 'a-Secret', 'a-Key-Secret'];
  const entries = names.map((name) => `{name: milvus/${name}, kmsKeyArn: "${KEY_ARN}"}`);
  withSecrets(...entries).resourceCountIs('AWS::SecretsManager::RotationSchedule', 4);
});

test('a new secret changes only the policy, the function and the pins, which name it', () => {
  const [before, after] = [resourcesOf(ORDERS), resourcesOf(SEARCH, ORDERS)];
  const changed = Object.keys(before).filter((id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]));
  expect(changed.toSorted()).toEqual([
    expect.stringMatching(/^RotationFunction[0-9A-F]{8}$/),
    expect.stringMatching(/^RotationFunctionPins/),
    expect.stringMatching(/^RotationFunctionRoleDefaultPolicy/),
  ]);
});

test('a secret keeps its schedule if arn replaces name in its entry', () => {
  const schedules = (secret: string): string[] =>
    Object.keys(withSecrets(secret).findResources('AWS::SecretsManager::RotationSchedule'));
  expect(schedules('{name: milvus/billing}')).toEqual(schedules(BILLING));
});

test('the outputs have the ARNs of the function and of every secret', () => {
  const outputs = Object.entries(withSecrets(ORDERS, BILLING).findOutputs('*'));
  expect(outputs.map(([id, { Description }]) => Description ?? id).toSorted()).toEqual([
    expect.stringContaining('milvus/billing'),
    expect.stringContaining('milvus/orders'),
    'RotationFunctionArn',
  ]);
});

test('the tags of the file are on the resources', () => {
  const template = templateOfConfiguration('tags: {team: search}\nsecrets: [{name: milvus/orders}]');
  template.hasResourceProperties('AWS::Lambda::Function', { Tags: [{ Key: 'team', Value: 'search' }] });
});

test('the keys of the function reach the function and its log', () => {
  const template = withFunction(
    'strategy: single-user, timeout: 90, memorySize: 256, architecture: x86_64, reservedConcurrentExecutions: 5, ' +
      `logRetentionDays: 30, logRemovalPolicy: destroy, logKmsKeyArn: "${KEY_ARN}", passwordLength: 24, ` +
      'caFile: examples/cdk/private-ca.pem, permissionsBoundaryArn: "arn:aws:iam::123456789012:policy/limit"',
  );
  template.hasResourceProperties('AWS::Lambda::Function', {
    Timeout: 90,
    MemorySize: 256,
    Architectures: ['x86_64'],
    ReservedConcurrentExecutions: 5,
    Environment: { Variables: { PASSWORD_LENGTH: '24', CLUSTER_CA: Match.stringLikeRegexp('BEGIN CERTIFICATE') } },
  });
  template.hasResource('AWS::Logs::LogGroup', {
    Properties: { RetentionInDays: 30, KmsKeyId: KEY_ARN },
    DeletionPolicy: 'Delete',
  });
  template.hasResourceProperties('AWS::IAM::Role', { PermissionsBoundary: 'arn:aws:iam::123456789012:policy/limit' });
});

test('a caFile that cannot be read is refused', () => {
  expect(() => withFunction('caFile: none.pem')).toThrow('none.pem');
});

test('the keys of a secret reach its resources', () => {
  const keys = `description: Orders, removalPolicy: destroy, rotateImmediatelyOnUpdate: true, kmsKeyArn: "${KEY_ARN}"`;
  const template = withSecrets(`${ORDERS.slice(0, -1)}, replicaRegions: [eu-west-1, us-gov-east-1], ${keys}}`, SEARCH);
  template.hasResource('AWS::SecretsManager::Secret', {
    Properties: {
      Name: 'milvus/orders',
      Description: 'Orders',
      KmsKeyId: KEY_ARN,
      ReplicaRegions: [{ Region: 'eu-west-1' }, { Region: 'us-gov-east-1' }],
    },
    DeletionPolicy: 'Delete',
  });
  template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', { RotateImmediatelyOnUpdate: true });
  template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
    SecretId: 'milvus/search',
    RotationRules: { ScheduleExpression: 'cron(0 3 ? * SUN#1 *)', Duration: '2h' },
  });
});

test('the network of the file reaches the function: security groups and PrivateLink', () => {
  const subnets = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'];
  const groups = ['sg-0123456789abcdef0', 'sg-0123456789abcdef1'];
  const privateLink = {
    serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
    endpoints: [ENDPOINT],
    secretsManagerEndpoint: false,
    clientSecurityGroupIds: groups,
  };
  const vpc = { vpcId: 'vpc-0123456789abcdef0', subnetIds: subnets, securityGroupIds: groups.slice(0, 1), privateLink };
  const template = withFunction(`vpc: ${JSON.stringify(vpc)}`);
  template.hasResourceProperties('AWS::Lambda::Function', {
    VpcConfig: {
      SubnetIds: subnets,
      SecurityGroupIds: [
        'sg-0123456789abcdef0',
        { 'Fn::GetAtt': [Match.stringLikeRegexp('^PrivateLinkFunction'), 'GroupId'] },
      ],
    },
  });
  template.resourceCountIs('AWS::EC2::VPCEndpoint', 1);
  template.hasResourceProperties('AWS::EC2::VPCEndpoint', { SubnetIds: subnets, PrivateDnsEnabled: false });
  for (const SourceSecurityGroupId of groups) {
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourceSecurityGroupId, ToPort: 19530 });
  }
});

test('without security groups in the file, the function gets a new group', () => {
  const template = withFunction('vpc: {vpcId: vpc-0123456789abcdef0, subnetIds: [subnet-0123456789abcdef0]}');
  template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
});

test.each(['admin', 'manager'])('of the %s secret, the function may only read the value, with its key', (name) => {
  const arn = `arn:aws:secretsmanager:us-west-2:123456789012:secret:${name}-Ab12Cd`;
  const template = withFunction(`${name}SecretArn: "${arn}", ${name}SecretKmsKeyArn: "${KEY_ARN}"`);
  const variables = { [`${name.toUpperCase()}_SECRET_ARN`]: arn };
  template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: variables } });
  expect(statementsIn(template).filter((statement) => JSON.stringify(statement).includes(arn))).toEqual([
    { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: arn },
    {
      Effect: 'Deny',
      Action: ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'],
      Resource: arn,
    },
    {
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: KEY_ARN,
      Condition: {
        StringEquals: { 'kms:ViaService': expect.anything() },
        StringLike: { 'kms:EncryptionContext:SecretARN': [arn] },
      },
    },
  ]);
});

test('rotation.yaml deploys as it is, because it creates every secret and names no other resource', () => {
  const text = readFileSync(new URL('../../rotation.yaml', import.meta.url), 'utf8');
  expect(parseConfiguration(text, 'rotation.yaml').secrets.every((entry) => 'create' in entry)).toBe(true);
  expect(JSON.stringify(templateOfConfiguration(text).toJSON()['Resources'])).not.toMatch(
    /"arn:aws:|(vpc|subnet|sg)-0/,
  );
  const withExisting = text.replaceAll(/^( {2})# (?=- name:| {2}\w+: \S)/gm, '$1');
  expect(parseConfiguration(withExisting, 'rotation.yaml').secrets.map(configuredName)).toEqual([
    'milvus/search',
    'milvus/orders',
  ]);
});
