import { Match, type Template } from 'aws-cdk-lib/assertions';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import type { RotationFunctionProps } from '../../../infra/function/rotation-function-props.ts';
import { DEFAULT_MEMORY_MB } from '../../../infra/rules/function-settings.ts';
import { CERTIFICATE_AUTHORITY, propertiesOf, templateOf } from '../support/templates.ts';

const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/orders-Ab12Cd';
const templateWith = (props?: RotationFunctionProps): Template =>
  templateOf((scope) => new RotationFunction(scope, 'RotationFunction', props));
const templateWithOneSecret = (): Template =>
  templateOf((scope) => {
    new RotationFunction(scope, 'RotationFunction').allowRotationOf(Secret.fromSecretCompleteArn(scope, 'Secret', arn));
  });

test('the function runs on Node.js 24 and arm64, with 60 seconds and the default memory size', () => {
  templateWith().hasResourceProperties('AWS::Lambda::Function', {
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Handler: 'index.handler',
    Timeout: 60,
    MemorySize: DEFAULT_MEMORY_MB,
  });
});

test('the role allows only the five actions on its secrets and writing to its own log', () => {
  const template = templateWithOneSecret();
  const [logGroup] = Object.keys(template.findResources('AWS::Logs::LogGroup'));
  const [policy, ...others] = propertiesOf(template, 'AWS::IAM::Policy');
  expect(others).toEqual([]);
  expect(policy?.['PolicyDocument'].Statement).toEqual([
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
  const [role, ...otherRoles] = propertiesOf(template, 'AWS::IAM::Role');
  expect(otherRoles).toEqual([]);
  expect(role).not.toHaveProperty('ManagedPolicyArns');
  expect(role).not.toHaveProperty('Policies');
});

test('only Secrets Manager of the same account may invoke the function', () => {
  expect(propertiesOf(templateWithOneSecret(), 'AWS::Lambda::Permission')).toEqual([
    {
      Action: 'lambda:InvokeFunction',
      FunctionName: { 'Fn::GetAtt': [expect.any(String), 'Arn'] },
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: { Ref: 'AWS::AccountId' },
    },
  ]);
});

test('the log has the given retention, and CloudFormation retains it when the stack is deleted', () => {
  const template = templateWith({ logRetention: RetentionDays.ONE_YEAR });
  template.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 365 }, DeletionPolicy: 'Retain' });
  template.hasResourceProperties('AWS::Lambda::Function', { LoggingConfig: { LogGroup: { Ref: Match.anyValue() } } });
});

test('the environment contains the rules of the function', () => {
  templateWith({
    allowedEndpoints: ['milvus.example.com', '.example.org'],
    clusterEndpoint: 'https://milvus.example.com',
    transport: 'rest',
    allowPlaintext: true,
    certificateAuthority: CERTIFICATE_AUTHORITY,
    passwordLength: 32,
    passwordExcludeCharacters: '!*',
    minimumGapMinutes: 90,
  }).hasResourceProperties('AWS::Lambda::Function', {
    Environment: {
      Variables: {
        ALLOWED_ENDPOINTS: 'milvus.example.com,.example.org',
        CLUSTER_ENDPOINT: 'https://milvus.example.com',
        CLUSTER_TRANSPORT: 'rest',
        ALLOW_PLAINTEXT: 'true',
        CLUSTER_CA: CERTIFICATE_AUTHORITY,
        PASSWORD_LENGTH: '32',
        PASSWORD_EXCLUDE_CHARACTERS: '!*',
        MINIMUM_GAP_MINUTES: '90',
      },
    },
  });
});

test('without rules and secrets, the environment says only that the function has no secret', () => {
  const [fn] = propertiesOf(templateWith(), 'AWS::Lambda::Function');
  expect(fn?.['Environment']).toEqual({ Variables: { ROTATED_SECRETS: '' } });
});

test('no resource has a physical name, so two stacks can be in one account', () => {
  const names = ['FunctionName', 'RoleName', 'LogGroupName', 'Name', 'StatementId'];
  for (const resource of Object.values(templateWithOneSecret().toJSON()['Resources'] as Record<string, object>)) {
    const { Type, Properties } = resource as { Type: string; Properties: object };
    expect(Type === 'AWS::Lambda::Permission' ? [] : names.filter((name) => name in Properties)).toEqual([]);
  }
});
