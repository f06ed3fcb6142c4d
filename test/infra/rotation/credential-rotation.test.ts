import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Alias, type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../../infra/rotation/credential-rotation-props.ts';
import {
  appWithoutBundles,
  ENDPOINT,
  KEY_ARN,
  statementsIn,
  templateOf,
  templateOfConfiguration,
} from '../support/templates.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/orders-Ab12Cd';
const forOrders = { endpoint: ENDPOINT, username: 'orders' };

const templateWith = (props: (scope: Construct) => CredentialRotationProps): Template =>
  templateOf((scope) => new CredentialRotation(scope, 'Orders', props(scope)));
const templateOfNew = (props: CredentialRotationProps = {}): Template =>
  templateWith(() => ({ ...forOrders, ...props }));
const secretsOf = (props?: CredentialRotationProps): Record<string, unknown> =>
  templateOfNew(props).findResources('AWS::SecretsManager::Secret');

const statementsOfKeys = (template: Template) =>
  statementsIn(template).filter(({ Action }) => String(Action).includes('kms:'));

test('a new secret contains endpoint, username and a placeholder that needs no escaping, and is retained', () => {
  templateOfNew().hasResource('AWS::SecretsManager::Secret', {
    Properties: {
      // Never change this: CloudFormation would overwrite the password of each deployed secret.
      GenerateSecretString: Match.objectEquals({
        SecretStringTemplate: JSON.stringify(forOrders),
        GenerateStringKey: 'password',
        PasswordLength: 40,
        ExcludeCharacters: '"#$%&\'(),/:;<>?[\\]`{|}',
        RequireEachIncludedType: true,
      }),
      Name: Match.absent(),
    },
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
  });
});

test('no setting changes the generated placeholder, so CloudFormation never overwrites a password', () => {
  expect(secretsOf({ passwordLength: 20, passwordExcludeCharacters: '!*' })).toEqual(secretsOf());
});

test('another endpoint or user creates another secret and does not overwrite the old secret', () => {
  const idOf = (props: CredentialRotationProps): string => Object.keys(secretsOf(props)).join();
  expect(idOf({ username: 'search' })).not.toBe(idOf({}));
  expect(idOf({ endpoint: ENDPOINT.replace('in01', 'in02') })).not.toBe(idOf({}));
  expect(idOf({ description: 'changed' })).toBe(idOf({}));
});

const PARTIAL_ARN = ARN.replace('orders-Ab12Cd', 'orders-canary');
const byPartialArn = (scope: Construct) => Secret.fromSecretPartialArn(scope, 'S', PARTIAL_ARN);
const byName = (scope: Construct) => Secret.fromSecretNameV2(scope, 'S', 'orders-milvus');
const KNOWN = { env: { account: '123456789012', region: 'us-east-1' } };

test.each([
  ['the ARN, if the account of the stack is unknown', byPartialArn, PARTIAL_ARN, {}],
  // In a partial ARN, the end of these names looks like the random suffix of an ARN.
  ['the name in the ARN, if the account is known', byPartialArn, 'milvus/orders-canary', KNOWN],
  ['the full ARN', (scope: Construct) => Secret.fromSecretCompleteArn(scope, 'S', ARN), ARN, {}],
  ['the name', byName, 'orders-milvus', {}],
  ['the name, also if the account is known', byName, 'orders-milvus', KNOWN],
])('the SecretId of a schedule is %s', (_, secret, SecretId, props) => {
  const stack = new Stack(appWithoutBundles(), 'Anywhere', props);
  new CredentialRotation(stack, 'Orders', { secret: secret(stack) });
  Template.fromStack(stack).hasResourceProperties('AWS::SecretsManager::RotationSchedule', { SecretId });
});

describe('with scheduleIdsFromNames in the context', () => {
  const KEY = 'zilliz-secret-rotation:scheduleIdsFromNames';

  /** The logical id of the schedule in a stack that `build` fills. */
  const idOf = (build: (stack: Stack) => void, value: unknown = true): string => {
    const stack = new Stack(appWithoutBundles(), 'Test', { env: { account: '123456789012', region: 'us-east-1' } });
    stack.node.setContext(KEY, value);
    build(stack);
    return Object.keys(Template.fromStack(stack).findResources('AWS::SecretsManager::RotationSchedule')).join();
  };
  const named = (scope: Construct, id: string): CredentialRotation =>
    new CredentialRotation(scope, id, { secret: Secret.fromSecretNameV2(scope, 'S', 'milvus/orders') });

  test.each<[string, (stack: Stack) => void]>([
    ['a construct', (stack) => named(stack, 'Orders')],
    ['a renamed construct', (stack) => named(stack, 'Renamed')],
    ['a construct in another one', (stack) => named(new Construct(stack, 'Team'), 'Orders')],
    [
      'an ARN',
      (stack) => new CredentialRotation(stack, 'A', { secret: Secret.fromSecretCompleteArn(stack, 'S', ARN) }),
    ],
    ['a new secret', (stack) => new CredentialRotation(stack, 'N', { ...forOrders, secretName: 'milvus/orders' })],
  ])('the logical id of the schedule is that of an entry of a configuration file: %s', (_, build) => {
    const [entry] = Object.keys(
      templateOfConfiguration('secrets:\n  - name: milvus/orders\n').findResources(
        'AWS::SecretsManager::RotationSchedule',
      ),
    );
    expect(idOf(build)).toBe(entry);
    expect(idOf(build, 'true')).toBe(entry);
  });

  test('the id is that of the construct if only the deployment knows the name, and without the key', () => {
    const unnamed = (stack: Stack): unknown => new CredentialRotation(stack, 'Orders', forOrders);
    expect(idOf(unnamed)).toMatch(/^OrdersSchedule/);
    expect(idOf((stack) => named(stack, 'Orders'), 'false')).toMatch(/^OrdersSchedule/);
  });

  test('refuses another value', () => {
    expect(() => idOf((stack) => named(stack, 'Orders'), 'yes')).toThrow(`${KEY} is "yes"`);
  });
});

test('by default, a schedule rotates every 30 days, and not at once, and outlives its stack', () => {
  templateOfNew().hasResource('AWS::SecretsManager::RotationSchedule', {
    Properties: { RotationRules: { ScheduleExpression: 'rate(30 days)' }, RotateImmediatelyOnUpdate: false },
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
  });
});

test('the schedule depends on the invoke permission and the policies, because Secrets Manager tests them at once', () => {
  const template = templateOfNew();
  const [schedule] = Object.values(template.findResources('AWS::SecretsManager::RotationSchedule'));
  const [permission] = Object.keys(template.findResources('AWS::Lambda::Permission'));
  const [policy] = Object.keys(template.findResources('AWS::IAM::Policy'));
  expect(schedule?.['DependsOn']).toEqual(expect.arrayContaining([permission, policy]));
});

test('the role may use a customer managed key only for this secret and only through Secrets Manager', () => {
  const template = templateWith((scope) => ({ ...forOrders, encryptionKey: new Key(scope, 'Key') }));
  const secretArn = { Ref: expect.stringMatching('^OrdersSecret') };
  expect(statementsOfKeys(template)).toEqual([
    {
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Effect: 'Allow',
      Resource: { 'Fn::GetAtt': [expect.stringMatching('^Key'), 'Arn'] },
      Condition: {
        StringEquals: {
          'kms:ViaService': {
            'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]],
          },
        },
        StringLike: { 'kms:EncryptionContext:SecretARN': [secretArn] },
      },
    },
  ]);
});

test.each<[string, (scope: Construct, key: IKey) => IKey, string[]]>([
  [
    'the target of an alias',
    (at, targetKey) => new Alias(at, 'A', { aliasName: 'alias/milvus', targetKey }),
    [KEY_ARN],
  ],
  [
    'the target of an imported alias',
    (at, aliasTargetKey) => Alias.fromAliasAttributes(at, 'A', { aliasName: 'alias/milvus', aliasTargetKey }),
    [KEY_ARN],
  ],
  ['no AWS managed key', (at) => Alias.fromAliasName(at, 'A', 'alias/aws/secretsmanager'), []],
])('the role names %s', (_, alias, resources) => {
  const template = templateWith((scope) => ({
    ...forOrders,
    encryptionKey: alias(scope, Key.fromKeyArn(scope, 'Key', KEY_ARN)),
  }));
  expect(statementsOfKeys(template).map(({ Resource }) => Resource)).toEqual(resources);
});
