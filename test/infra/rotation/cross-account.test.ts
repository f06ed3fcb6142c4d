import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { ApplicationStack, PlatformStack } from '../../../examples/cdk/function-in-another-account.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { CrossAccountRotation } from '../../../infra/rotation/cross-account-rotation.ts';
import { appWithoutBundles, ENDPOINT, templateOf } from '../support/templates.ts';

const ROLE = 'arn:aws:iam::444455556666:role/rotation';
const FUNCTION = 'arn:aws:lambda:us-west-2:444455556666:function:rotation';
const KEY = 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const SECRET = 'arn:aws:secretsmanager:us-west-2:111122223333:secret:milvus/orders-??????';
const ACTIONS = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:ListSecretVersionIds',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

const inRegion = (account: string): { env: { account: string; region: string } } => ({
  env: { account, region: 'us-west-2' },
});
const platform = (): Template =>
  Template.fromStack(new PlatformStack(appWithoutBundles(), 'Platform', { ...inRegion('444455556666'), keyArn: KEY }));
const application = (rotation?: { functionArn: string; roleArn: string }): Template =>
  Template.fromStack(
    new ApplicationStack(appWithoutBundles(), 'Application', {
      ...inRegion('111122223333'),
      ...(rotation && { rotation }),
    }),
  );

/** Properties of the only resource of a type. The expectations check their types. */
function onlyProperties(template: Template, type: string): Record<string, unknown> {
  const [resource, ...others] = Object.values(template.findResources(type));
  expect(others).toEqual([]);
  return resource?.['Properties'] as Record<string, unknown>;
}

test('Secrets Manager of each given account may invoke the function, with a condition for that account', () => {
  const permissions = Object.values(platform().findResources('AWS::Lambda::Permission'));
  expect(permissions.map(({ Properties }) => [Properties.Principal, Properties.SourceAccount])).toEqual([
    ['secretsmanager.amazonaws.com', { Ref: 'AWS::AccountId' }],
    ['secretsmanager.amazonaws.com', '111122223333'],
  ]);
});

test('the role may use the secret of the other account, and its key only through Secrets Manager', () => {
  const { PolicyDocument } = onlyProperties(platform(), 'AWS::IAM::Policy') as {
    PolicyDocument: { Statement: object[] };
  };
  expect(PolicyDocument.Statement.slice(1)).toEqual([
    { Effect: 'Allow', Action: ACTIONS, Resource: SECRET },
    {
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: KEY,
      Condition: {
        StringEquals: { 'kms:ViaService': expect.anything() },
        StringLike: { 'kms:EncryptionContext:SecretARN': [SECRET] },
      },
    },
  ]);
  platform().hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { ROTATED_SECRETS: '111122223333:milvus/orders-??????' } },
  });
});

test('the policy of the secret allows the role of the other account only the actions of a rotation', () => {
  const { ResourcePolicy } = onlyProperties(
    application({ functionArn: FUNCTION, roleArn: ROLE }),
    'AWS::SecretsManager::ResourcePolicy',
  ) as { ResourcePolicy: { Statement: object[] } };
  expect(ResourcePolicy.Statement).toEqual([
    { Effect: 'Allow', Action: ACTIONS, Principal: { AWS: ROLE }, Resource: '*' },
  ]);
});

test('the key policy allows that role only this secret and only through Secrets Manager', () => {
  const { KeyPolicy } = onlyProperties(application({ functionArn: FUNCTION, roleArn: ROLE }), 'AWS::KMS::Key') as {
    KeyPolicy: { Statement: { Principal: { AWS: unknown }; Action: unknown; Condition: Record<string, object> }[] };
  };
  const [statement, ...others] = KeyPolicy.Statement.filter(({ Principal }) => Principal.AWS === ROLE);
  expect(others).toEqual([]);
  expect(statement?.Action).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
  expect(Object.keys(statement?.Condition['StringEquals'] ?? {})).toEqual(['kms:ViaService']);
  expect(JSON.stringify(statement?.Condition['StringLike'])).toContain(':secret:milvus/orders-??????');
});

test('the schedule names the function of the other account and depends on the policy of the secret', () => {
  const template = application({ functionArn: FUNCTION, roleArn: ROLE });
  const [schedule] = Object.values(template.findResources('AWS::SecretsManager::RotationSchedule'));
  expect(schedule?.['Properties']).toMatchObject({ RotationLambdaARN: FUNCTION, RotateImmediatelyOnUpdate: false });
  const policies = Object.keys(template.findResources('AWS::SecretsManager::ResourcePolicy'));
  expect(schedule?.['DependsOn']).toEqual(expect.arrayContaining(policies));
});

test('the first deployment creates only the key, whose ARN the function needs', () => {
  application().resourceCountIs('AWS::SecretsManager::Secret', 0);
  application().resourceCountIs('AWS::KMS::Key', 1);
});

test("a schedule names the ARN of its secret if the stack's account is unknown", () => {
  const partialArn = 'arn:aws:secretsmanager:us-west-2:111122223333:secret:milvus/orders';
  const stack = new Stack(appWithoutBundles(), 'Anywhere');
  new CredentialRotation(stack, 'Orders', { secret: Secret.fromSecretPartialArn(stack, 'Secret', partialArn) });
  Template.fromStack(stack).hasResourceProperties('AWS::SecretsManager::RotationSchedule', { SecretId: partialArn });
});

test('the schedule of a secret by name uses that name, with and without a known account', () => {
  for (const env of [{}, inRegion('111122223333')]) {
    const stack = new Stack(appWithoutBundles(), 'Orders', env);
    // In a partial ARN, the end of this name looks like the random suffix of an ARN.
    new CredentialRotation(stack, 'Orders', { secret: Secret.fromSecretNameV2(stack, 'Secret', 'orders-milvus') });
    Template.fromStack(stack).hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      SecretId: 'orders-milvus',
    });
  }
});

test('ROTATED_SECRETS names the account of a secret whose account is unknown at synth', () => {
  const template = templateOf((scope) => {
    const arn = new CfnParameter(scope, 'Arn').valueAsString;
    const rotationFunction = new RotationFunction(scope, 'RotationFunction', { secretAccounts: ['444455556666'] });
    rotationFunction.allowRotationOf(Secret.fromSecretCompleteArn(scope, 'Secret', arn));
  });
  const part = (index: number): unknown => ({ 'Fn::Select': [index, { 'Fn::Split': [':', { Ref: 'Arn' }] }] });
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { ROTATED_SECRETS: { 'Fn::Join': ['', [part(4), ':', part(6)]] } } },
  });
});

test('ARNs of a function and of a role that are unknown at synth are accepted', () => {
  const stack = new Stack(appWithoutBundles(), 'Test', inRegion('444455556666'));
  const unknown = (id: string) => new CfnParameter(stack, id).valueAsString;
  const rotate = (id: string, functionArn: string, roleArn: string) => (): unknown =>
    new CrossAccountRotation(stack, id, {
      secretName: `milvus/${id}`,
      endpoint: ENDPOINT,
      username: id,
      encryptionKey: new Key(stack, `${id}Key`),
      functionArn,
      roleArn,
    });
  expect(rotate('unknown', unknown('FunctionArn'), unknown('RoleArn'))).not.toThrow();
  const other = FUNCTION.replace('444455556666', '111122223333');
  expect(rotate('unknownRole', other, unknown('OtherRoleArn'))).not.toThrow();
});
