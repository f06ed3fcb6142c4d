import { CfnParameter, Duration } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../build/release/template/evaluate.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import type { RotationFunctionProps } from '../../../infra/function/rotation-function-props.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { KEY_ARN, propertiesOf, statementsIn, templateOf, vpcIn } from '../support/templates.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/orders-Ab12Cd';

/** A function with some secrets below milvus/. */
function templateWith(props: RotationFunctionProps = {}, secrets = 0, key?: { readonly arn: string }): Template {
  return templateOf((scope) => {
    const encryptionKey = key && Key.fromKeyArn(scope, 'Key', key.arn);
    const rotationFunction = new RotationFunction(scope, 'RotationFunction', {
      ...props,
      ...(encryptionKey && { secretKeys: [encryptionKey] }),
    });
    for (let index = 0; index < secrets; index++) {
      rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, `S${index}`, `milvus/${index}`), encryptionKey);
    }
  });
}

const templateWithOneSecret = (): Template =>
  templateOf((scope) => {
    new RotationFunction(scope, 'RotationFunction').allowRotationOf(Secret.fromSecretCompleteArn(scope, 'Secret', ARN));
  });

test('a prop of JavaScript that is not documented adds no variable', () => {
  const undocumented: object = { pins: { orders: { username: 'app' } } };
  templateWith(undocumented).hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { SECRET_TARGETS: Match.absent() } },
  });
});

test('by default, the function runs on arm64 with 512 MB and 60 seconds, and its log is kept for 90 days', () => {
  const template = templateWith();
  template.hasResourceProperties('AWS::Lambda::Function', {
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Handler: 'index.handler',
    Timeout: 60,
    MemorySize: 512,
    // Without a variable, the function has a default. An empty list refuses every secret.
    Environment: { Variables: { ROTATED_SECRETS: '' } },
    LoggingConfig: { LogGroup: { Ref: Match.anyValue() } },
  });
  template.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 90 }, DeletionPolicy: 'Retain' });
});

test('no resource has a physical name, so two stacks can be in one account', () => {
  const names = ['FunctionName', 'RoleName', 'LogGroupName', 'Name', 'StatementId'];
  for (const resource of Object.values(templateWithOneSecret().toJSON()['Resources'] as Record<string, object>)) {
    const { Type, Properties } = resource as { Type: string; Properties: object };
    expect(Type === 'AWS::Lambda::Permission' ? [] : names.filter((name) => name in Properties)).toEqual([]);
  }
});

test('in a VPC, Lambda may create network interfaces, but the code of the function may not', () => {
  const template = templateOf((scope) => {
    const vpc = vpcIn(scope);
    new RotationFunction(scope, 'RotationFunction', { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED } });
  });
  const interfaces = expect.arrayContaining(['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface']) as unknown;
  expect(statementsIn(template)).toContainEqual({ Effect: 'Allow', Action: interfaces, Resource: '*' });
  expect(statementsIn(template)).toContainEqual({
    Effect: 'Deny',
    Action: interfaces,
    Resource: '*',
    Condition: { ArnEquals: { 'lambda:SourceFunctionArn': { 'Fn::GetAtt': [expect.any(String), 'Arn'] } } },
  });
});

describe('with a name prefix', () => {
  const FOLDER = { secretNamePrefix: 'milvus/' };

  test('policy and environment do not grow with the number of secrets', () => {
    const [one, many] = [templateWith(FOLDER, 1), templateWith(FOLDER, 100)];
    expect(statementsIn(many)).toEqual(statementsIn(one));
    expect(JSON.stringify(statementsIn(one))).toContain(':secret:milvus/*"');
    const [fn] = propertiesOf(many, 'AWS::Lambda::Function');
    expect(fn?.['Environment'].Variables.ROTATED_SECRETS).toBe('milvus/*');
  });

  test('secretKeys are allowed before any secret uses them, and only for secrets under the prefix', () => {
    const statementsOfKey = (secrets: number): unknown[] =>
      statementsIn(templateWith(FOLDER, secrets, { arn: KEY_ARN })).filter(({ Resource }) => Resource === KEY_ARN);
    expect(statementsOfKey(0)).toEqual([
      expect.objectContaining({
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Condition: expect.objectContaining({
          StringLike: {
            'kms:EncryptionContext:SecretARN': [{ 'Fn::Join': ['', expect.arrayContaining([':secret:milvus/*'])] }],
          },
        }),
      }),
    ]);
    expect(statementsOfKey(2)).toEqual(statementsOfKey(0));
  });
});

test('no policy is added to a role that the app must not change', () => {
  const template = templateOf((scope) => {
    const role = Role.fromRoleArn(scope, 'Role', 'arn:aws:iam::123456789012:role/central', { mutable: false });
    const vpcSubnets = { subnetType: SubnetType.PRIVATE_ISOLATED };
    const rotationFunction = new RotationFunction(scope, 'F', { role, vpc: vpcIn(scope), vpcSubnets });
    const secret = Secret.fromSecretCompleteArn(scope, 'Secret', ARN);
    new CredentialRotation(scope, 'R', { rotationFunction, secret, username: 'orders' });
  });
  expect(statementsIn(template)).toEqual([]);
});

test('values that are unknown at synth are accepted', () => {
  const template = templateOf((scope) => {
    const known = (name: string): string => new CfnParameter(scope, name).valueAsString;
    const number = (name: string): number => new CfnParameter(scope, name, { type: 'Number' }).valueAsNumber;
    const hosts = new CfnParameter(scope, 'Hosts', { type: 'CommaDelimitedList' });
    new RotationFunction(scope, 'WithHosts', { allowedEndpoints: hosts.valueAsList });
    const rotationFunction = new RotationFunction(scope, 'F', {
      clusterEndpoint: known('Endpoint'),
      allowedEndpoints: [known('Host')],
      certificateAuthority: known('Authority'),
      memorySize: number('Memory'),
      timeout: Duration.seconds(number('Timeout')),
    });
    const secret = Secret.fromSecretNameV2(scope, 'Secret', 'orders');
    new CredentialRotation(scope, 'R', { rotationFunction, secret, endpoint: known('Other'), username: known('User') });
  });
  template.hasResourceProperties('AWS::Lambda::Function', {
    MemorySize: { Ref: 'Memory' },
    Timeout: { Ref: 'Timeout' },
  });
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: Match.objectLike({ ALLOWED_ENDPOINTS: { 'Fn::Join': [',', { Ref: 'Hosts' }] } }) },
  });
  const [pins] = propertiesOf(template, 'AWS::SecretsManager::Secret');
  expect(evaluate(pins?.['SecretString'], {}, { Other: 'https://in01.example.com', User: 'orders_a' })).toBe(
    '{"orders":{"endpoint":"https://in01.example.com","username":"orders_a"}}',
  );
});
