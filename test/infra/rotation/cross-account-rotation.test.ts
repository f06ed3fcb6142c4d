import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { ApplicationStack, PlatformStack } from '../../../examples/cdk/function-in-another-account.ts';
import { crossAccountRotation, OTHER_FUNCTION } from '../support/constructs.ts';
import { appWithoutBundles, ENDPOINT, propertiesOf } from '../support/templates.ts';

const { functionArn: FUNCTION, roleArn: ROLE } = OTHER_FUNCTION;
const KEY = 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const SECRET = 'arn:aws:secretsmanager:us-west-2:111122223333:secret:milvus/orders-??????';
const ACTIONS = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:ListSecretVersionIds',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

const inAccount = (account: string) => ({ env: { account, region: 'us-west-2' } });

describe('the stack of the function', () => {
  const template = Template.fromStack(
    new PlatformStack(appWithoutBundles(), 'Platform', { ...inAccount('444455556666'), keyArn: KEY }),
  );

  test('lets Secrets Manager of each given account invoke the function, with a condition for that account', () => {
    const permissions = propertiesOf(template, 'AWS::Lambda::Permission');
    // The other permission is that of the check for overdue rotations.
    const ofRotation = permissions.filter(({ Principal }) => Principal !== 'events.amazonaws.com');
    expect(ofRotation.map(({ Principal, SourceAccount }) => [Principal, SourceAccount])).toEqual([
      ['secretsmanager.amazonaws.com', { Ref: 'AWS::AccountId' }],
      ['secretsmanager.amazonaws.com', '111122223333'],
    ]);
  });

  test('allows the role the secret of the other account, and its key only through Secrets Manager', () => {
    const [policy] = propertiesOf(template, 'AWS::IAM::Policy');
    expect(policy?.['PolicyDocument'].Statement.slice(1)).toEqual([
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
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { ROTATED_SECRETS: '111122223333:milvus/orders-??????' } },
    });
  });

  test('pins the secret of the other account, which may write any endpoint and user into it', () => {
    const [pins] = propertiesOf(template, 'AWS::SecretsManager::Secret');
    expect(JSON.parse(pins?.['SecretString'])).toEqual({
      '111122223333:milvus/orders': { endpoint: ENDPOINT, username: 'orders' },
    });
  });
});

describe('the stack of the secret', () => {
  const application = (rotation?: { functionArn: string; roleArn: string }): Template =>
    Template.fromStack(
      new ApplicationStack(appWithoutBundles(), 'Application', {
        ...inAccount('111122223333'),
        ...(rotation && { rotation }),
      }),
    );
  const template = application(OTHER_FUNCTION);

  test('allows the role of the other account only the actions of a rotation', () => {
    expect(propertiesOf(template, 'AWS::SecretsManager::ResourcePolicy')).toEqual([
      expect.objectContaining({
        ResourcePolicy: expect.objectContaining({
          Statement: [{ Effect: 'Allow', Action: ACTIONS, Principal: { AWS: ROLE }, Resource: '*' }],
        }),
      }),
    ]);
  });

  test('allows that role the key only for this secret and only through Secrets Manager', () => {
    const [key] = propertiesOf(template, 'AWS::KMS::Key');
    const statements = key?.['KeyPolicy'].Statement as { Principal: { AWS: unknown }; Condition: object }[];
    const [statement, ...others] = statements.filter(({ Principal }) => Principal.AWS === ROLE);
    expect(others).toEqual([]);
    expect(statement).toMatchObject({
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Condition: { StringEquals: { 'kms:ViaService': expect.anything() } },
    });
    expect(JSON.stringify(statement?.Condition)).toContain(':secret:milvus/orders-??????');
  });

  test('names the function of the other account in a schedule, which depends on the policy of the secret', () => {
    const [schedule] = Object.values(template.findResources('AWS::SecretsManager::RotationSchedule'));
    expect(schedule?.['Properties']).toMatchObject({ RotationLambdaARN: FUNCTION, RotateImmediatelyOnUpdate: false });
    const policies = Object.keys(template.findResources('AWS::SecretsManager::ResourcePolicy'));
    expect(schedule?.['DependsOn']).toEqual(expect.arrayContaining(policies));
  });

  test('has only the key at first, whose ARN the function needs', () => {
    application().resourceCountIs('AWS::SecretsManager::Secret', 0);
    application().resourceCountIs('AWS::KMS::Key', 1);
  });
});

test.each([
  ['by default', {}, 3],
  ['with ids from names', { 'zilliz-secret-rotation:scheduleIdsFromNames': true }, 2],
])('a renamed construct changes nothing if the stack keeps its logical ids, %s', (_, context, changed) => {
  const stackWith = (id: string): Stack => {
    const stack = new Stack(appWithoutBundles(), 'Application', inAccount('111122223333'));
    for (const [key, value] of Object.entries(context)) {
      stack.node.setContext(key, value);
    }
    crossAccountRotation(stack, id);
    return stack;
  };
  const idsIn = (stack: Stack): string[] =>
    Object.keys(Template.fromStack(stack).toJSON()['Resources'] as object).filter((id) => !id.startsWith('Key'));
  const [before, renamed] = [stackWith('Orders'), stackWith('Renamed')];
  const former = idsIn(before);
  const pairs = idsIn(stackWith('Renamed')).map((id, index) => [id, former[index] ?? ''] as const);
  const different = pairs.filter(([id, old]) => id !== old);
  expect(different).toHaveLength(changed);
  for (const pair of different) {
    renamed.renameLogicalId(...pair);
  }
  expect(Template.fromStack(renamed).toJSON()).toEqual(Template.fromStack(before).toJSON());
});
