import { Match, type Template } from 'aws-cdk-lib/assertions';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CERTIFICATE_AUTHORITY, stackOf, templateOf } from '../support/templates.ts';

const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/orders-Ab12Cd';
const withOneSecret = (): Template =>
  templateOf((scope) => {
    new RotationFunction(scope, 'RotationFunction').allowRotationOf(Secret.fromSecretCompleteArn(scope, 'Secret', arn));
  });

test('it runs on Node 24 and arm64, with time enough to prove a change', () => {
  templateOf((scope) => new RotationFunction(scope, 'RotationFunction')).hasResourceProperties(
    'AWS::Lambda::Function',
    {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: 60,
      MemorySize: 512,
    },
  );
});

test('its role allows the five calls that it makes, on its secrets, and writing its own log: nothing else', () => {
  const template = withOneSecret();
  const [logGroup] = Object.keys(template.findResources('AWS::Logs::LogGroup'));
  const [policy, ...others] = Object.values(template.findResources('AWS::IAM::Policy'));
  expect(others).toEqual([]);
  expect(policy?.['Properties'].PolicyDocument.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: { 'Fn::GetAtt': [logGroup, 'Arn'] },
    },
    {
      Effect: 'Allow',
      Action: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:ListSecretVersionIds',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      Resource: arn,
    },
  ]);
  const [role, ...otherRoles] = Object.values(template.findResources('AWS::IAM::Role'));
  expect(otherRoles).toEqual([]);
  expect(role?.['Properties']).not.toHaveProperty('ManagedPolicyArns');
  expect(role?.['Properties']).not.toHaveProperty('Policies');
});

test('only Secrets Manager of the same account may invoke it', () => {
  const permissions = Object.values(withOneSecret().findResources('AWS::Lambda::Permission'));
  expect(permissions.map((permission) => permission['Properties'])).toEqual([
    {
      Action: 'lambda:InvokeFunction',
      FunctionName: { 'Fn::GetAtt': [expect.any(String), 'Arn'] },
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    },
  ]);
});

test('its log is kept for a stated time, and stays when the stack goes', () => {
  const template = templateOf(
    (scope) => new RotationFunction(scope, 'RotationFunction', { logRetention: RetentionDays.ONE_YEAR }),
  );
  template.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 365 }, DeletionPolicy: 'Retain' });
  template.hasResourceProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: { Ref: Match.anyValue() } } });
});

test('its rules travel in the environment', () => {
  templateOf(
    (scope) =>
      new RotationFunction(scope, 'RotationFunction', {
        strategy: 'single-user',
        allowedEndpoints: ['milvus.example.com', '.example.org'],
        clusterEndpoint: 'https://milvus.example.com',
        allowPlaintext: true,
        certificateAuthority: CERTIFICATE_AUTHORITY,
        passwordLength: 32,
        passwordExcludeCharacters: '!*',
      }),
  ).hasResourceProperties('AWS::Lambda::Function', {
    Environment: {
      Variables: {
        ROTATION_STRATEGY: 'single-user',
        ALLOWED_ENDPOINTS: 'milvus.example.com,.example.org',
        CLUSTER_ENDPOINT: 'https://milvus.example.com',
        ALLOW_PLAINTEXT: 'true',
        CLUSTER_CA: CERTIFICATE_AUTHORITY,
        PASSWORD_LENGTH: '32',
        PASSWORD_EXCLUDE_CHARACTERS: '!*',
      },
    },
  });
});

test('a strategy of AWS that is unknown here is refused at synth, with the reason why', () => {
  const strategy = 'alternating-users' as 'single-user';
  expect(() => stackOf((scope) => new RotationFunction(scope, 'RotationFunction', { strategy }))).toThrow(
    'Test/RotationFunction: The strategy "alternating-users" is unknown here. Give single-user, or leave it out: docs/decisions/0207-one-strategy.md says why',
  );
});

test('without rules and secrets of its own it is told that it has no secret, and else its own defaults hold', () => {
  const template = templateOf((scope) => new RotationFunction(scope, 'RotationFunction'));
  const [fn] = Object.values(template.findResources('AWS::Lambda::Function'));
  expect(fn?.['Properties'].Environment).toEqual({ Variables: { ROTATED_SECRETS: '' } });
});

test('no resource has a physical name, so that two stacks fit into one account', () => {
  const names = ['FunctionName', 'RoleName', 'LogGroupName', 'Name', 'StatementId'];
  for (const resource of Object.values(withOneSecret().toJSON()['Resources'] as Record<string, object>)) {
    const { Type, Properties } = resource as { Type: string; Properties: object };
    expect(Type === 'AWS::Lambda::Permission' ? [] : names.filter((name) => name in Properties)).toEqual([]);
  }
});
