import { readFileSync } from 'node:fs';
import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../../infra/configuration/read-configuration.ts';
import { nameOf } from '../../../infra/configuration/secret-keys.ts';
import { ENDPOINT, templateOfConfiguration, withoutAssetHashes } from '../support/templates.ts';

const ORDERS = `  - create: milvus/orders\n    endpoint: ${ENDPOINT}\n    username: orders\n`;
const SEARCH = '  - name: milvus/search\n    schedule: cron(0 3 ? * SUN#1 *)\n    duration: 2h\n';
const BILLING = '  - arn: arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/billing-Ab12Cd\n';

const withSecrets = (...secrets: string[]): ReturnType<typeof templateOfConfiguration> =>
  templateOfConfiguration(`secrets:\n${secrets.join('')}`);
const resourcesOf = (...secrets: string[]): Record<string, unknown> =>
  withSecrets(...secrets).toJSON()['Resources'] as Record<string, unknown>;

test('a name that is a prefix of another name causes no duplicate construct id', () => {
  const keyArn = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const names = ['a', 'a-Key', 'a-Secret', 'a-Key-Secret'];
  const entries = names.map((name) => `  - {name: milvus/${name}, kmsKeyArn: "${keyArn}"}\n`);
  templateOfConfiguration(`secrets:\n${entries.join('')}`).resourceCountIs('AWS::SecretsManager::RotationSchedule', 4);
});

test('the template of a file with every kind of secret is the snapshot (after an intended change: npm run generate)', () => {
  expect(withoutAssetHashes(withSecrets(ORDERS, SEARCH, BILLING))).toMatchSnapshot();
});

test('the order of the secrets in the file does not matter, so cdk diff is empty', () => {
  expect(withSecrets(BILLING, SEARCH, ORDERS).toJSON()).toEqual(withSecrets(ORDERS, SEARCH, BILLING).toJSON());
});

test('a new secret changes only the policy and the function, which name it', () => {
  const before = resourcesOf(ORDERS);
  const after = resourcesOf(SEARCH, ORDERS);
  const changed = Object.keys(before).filter((id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]));
  expect(changed.toSorted()).toEqual([
    expect.stringMatching(/^RotationFunction[0-9A-F]{8}$/),
    expect.stringMatching(/^RotationFunctionRoleDefaultPolicy/),
  ]);
});

test('a secret keeps its schedule if arn replaces name in its entry', () => {
  const schedules = (secret: string): string[] =>
    Object.keys(withSecrets(secret).findResources('AWS::SecretsManager::RotationSchedule'));
  expect(schedules('  - name: milvus/billing\n')).toEqual(schedules(BILLING));
});

test('the outputs have the ARNs of the function and of every secret', () => {
  const outputs = Object.entries(withSecrets(ORDERS, BILLING).findOutputs('*'));
  expect(outputs.map(([id, { Description }]) => Description ?? id).toSorted()).toEqual([
    'ARN of the secret milvus/billing',
    'ARN of the secret milvus/orders',
    'RotationFunctionArn',
  ]);
});

test('settings of the file reach the function', () => {
  templateOfConfiguration(
    `function: {timeout: 90, memorySize: 256, logRetentionDays: 30, passwordLength: 24}\nsecrets:\n${SEARCH}`,
  ).hasResourceProperties('AWS::Lambda::Function', {
    Timeout: 90,
    MemorySize: 256,
    Environment: { Variables: { PASSWORD_LENGTH: '24' } },
  });
});

test('settings of a secret reach its resources', () => {
  const template = withSecrets(
    `${ORDERS}    description: Orders\n    removalPolicy: destroy\n    rotateImmediatelyOnUpdate: true\n    kmsKeyArn: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab\n`,
  );
  template.hasResource('AWS::SecretsManager::Secret', {
    Properties: {
      Name: 'milvus/orders',
      Description: 'Orders',
      KmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    },
    DeletionPolicy: 'Delete',
  });
  template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', { RotateImmediatelyOnUpdate: true });
});

test('the network of the file reaches the function: security groups and PrivateLink', () => {
  const template = templateOfConfiguration(`function:
  vpc:
    vpcId: vpc-0123456789abcdef0
    subnetIds: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    securityGroupIds: [sg-0123456789abcdef0]
    privateLink:
      serviceName: com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0
      endpoints: ["${ENDPOINT}"]
      secretsManagerEndpoint: false
      clientSecurityGroupIds: [sg-0123456789abcdef0, sg-0123456789abcdef1]
secrets:
${SEARCH}`);
  const subnets = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'];
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
  for (const SourceSecurityGroupId of ['sg-0123456789abcdef0', 'sg-0123456789abcdef1']) {
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { SourceSecurityGroupId, ToPort: 19530 });
  }
});

test('without security groups in the file, the function gets a new group', () => {
  const template = templateOfConfiguration(
    `function: {vpc: {vpcId: vpc-0123456789abcdef0, subnetIds: [subnet-0123456789abcdef0]}}\nsecrets:\n${SEARCH}`,
  );
  template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
});

test('logRemovalPolicy decides whether the log is kept', () => {
  const policyFor = (line: string): unknown =>
    Object.values(
      templateOfConfiguration(`function: {${line}}\nsecrets:\n${SEARCH}`).findResources('AWS::Logs::LogGroup'),
    ).map((group) => group['DeletionPolicy'] as unknown);
  expect(policyFor('')).toEqual(['Retain']);
  expect(policyFor('logRemovalPolicy: destroy')).toEqual(['Delete']);
});

test('the function may read the admin secret, and its key only for the admin secret', () => {
  const adminSecretArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:admin-Ab12Cd';
  const adminSecretKmsKeyArn = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const configuration = { function: { adminSecretArn, adminSecretKmsKeyArn }, secrets: [{ name: 'milvus/search' }] };
  const template = templateOfConfiguration(JSON.stringify(configuration));
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { ADMIN_SECRET_ARN: adminSecretArn } },
  });
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: adminSecretArn },
        {
          Effect: 'Allow',
          Action: 'kms:Decrypt',
          Resource: adminSecretKmsKeyArn,
          Condition: Match.objectLike({ StringLike: { 'kms:EncryptionContext:SecretARN': [adminSecretArn] } }),
        },
      ]),
    },
  });
});

test('rotation.yaml deploys as it is, because it creates every secret and names no other resource', () => {
  const text = readFileSync(new URL('../../../rotation.yaml', import.meta.url), 'utf8');
  expect(parseConfiguration(text, 'rotation.yaml').secrets.every((entry) => 'create' in entry)).toBe(true);
  expect(JSON.stringify(templateOfConfiguration(text).toJSON()['Resources'])).not.toMatch(
    /"arn:aws:|(vpc|subnet|sg)-0/,
  );
  const withExisting = text.replaceAll(/^( {2})# (?=- name:| {2}\w+: \S)/gm, '$1');
  expect(parseConfiguration(withExisting, 'rotation.yaml').secrets.map(nameOf)).toEqual([
    'milvus/search',
    'milvus/orders',
  ]);
});
