import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { Alias, type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { expect, test } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../../infra/rotation/credential-rotation-props.ts';
import { RotationSchedule } from '../../../infra/rotation/rotation-schedule.ts';
import { ENDPOINT, KEY_ARN, propertiesOf, templateOf, templateOfConfiguration } from '../support/templates.ts';

const forOrders = { endpoint: ENDPOINT, username: 'orders' };

const templateWith = (props: CredentialRotationProps = {}): Template =>
  templateOf((scope) => new CredentialRotation(scope, 'Orders', { ...forOrders, ...props }));
const secretsWith = (props?: CredentialRotationProps): Record<string, unknown> =>
  templateWith(props).findResources('AWS::SecretsManager::Secret');

test('one construct creates a secret, a function and a schedule', () => {
  const template = templateWith();
  template.resourceCountIs('AWS::SecretsManager::Secret', 1);
  template.resourceCountIs('AWS::Lambda::Function', 1);
  template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
    RotationRules: { ScheduleExpression: 'rate(30 days)' },
    RotateImmediatelyOnUpdate: false,
  });
});

test('a new secret is retained when its stack is deleted, unless removalPolicy says otherwise', () => {
  templateWith().hasResource('AWS::SecretsManager::Secret', {
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
  });
  templateWith({ removalPolicy: RemovalPolicy.DESTROY }).hasResource('AWS::SecretsManager::Secret', {
    DeletionPolicy: 'Delete',
  });
});

test('a new secret contains endpoint, username and a placeholder that needs no escaping', () => {
  templateWith().hasResourceProperties('AWS::SecretsManager::Secret', {
    GenerateSecretString: {
      SecretStringTemplate: JSON.stringify(forOrders),
      GenerateStringKey: 'password',
      PasswordLength: 40,
      ExcludeCharacters: Match.stringLikeRegexp('"#\\$%&'),
      RequireEachIncludedType: true,
    },
    Name: Match.absent(),
  });
});

test('no setting changes the generated placeholder, so CloudFormation never overwrites a password', () => {
  expect(secretsWith({ passwordLength: 20, passwordExcludeCharacters: '!*' })).toEqual(secretsWith());
});

test('another endpoint or user creates another secret and does not overwrite the old secret', () => {
  const idOf = (props: CredentialRotationProps): string => Object.keys(secretsWith(props)).join();
  expect(idOf({ username: 'search' })).not.toBe(idOf({}));
  expect(idOf({ description: 'changed' })).toBe(idOf({}));
});

test('an existing secret by name has a schedule for that name and a permission with six wildcards', () => {
  const template = templateOf(
    (scope) =>
      new CredentialRotation(scope, 'Orders', { secret: Secret.fromSecretNameV2(scope, 'Secret', 'milvus/orders') }),
  );
  template.resourceCountIs('AWS::SecretsManager::Secret', 0);
  template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', { SecretId: 'milvus/orders' });
  expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain(':secret:milvus/orders-??????"');
});

test('an existing secret by ARN has a schedule and a permission for that ARN', () => {
  const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/orders-Ab12Cd';
  const template = templateOf(
    (scope) => new CredentialRotation(scope, 'Orders', { secret: Secret.fromSecretCompleteArn(scope, 'Secret', arn) }),
  );
  template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', { SecretId: arn });
  expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain(`"Resource":"${arn}"`);
});

test('several secrets share one function', () => {
  const template = templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction');
    new CredentialRotation(scope, 'Orders', { rotationFunction, ...forOrders });
    new CredentialRotation(scope, 'Search', { rotationFunction, endpoint: ENDPOINT, username: 'search' });
  });
  template.resourceCountIs('AWS::Lambda::Function', 1);
  template.resourceCountIs('AWS::Lambda::Permission', 1);
  template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 2);
});

test('the schedule has the given expression, window and rotation on update', () => {
  templateWith({
    schedule: RotationSchedule.cron('0 4 ? * SUN *', { window: Duration.hours(2) }),
    rotateImmediatelyOnUpdate: true,
  }).hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
    RotationRules: { ScheduleExpression: 'cron(0 4 ? * SUN *)', Duration: '2h' },
    RotateImmediatelyOnUpdate: true,
  });
});

test('the schedule depends on the invoke permission and the policies, because Secrets Manager tests them at once', () => {
  const template = templateWith();
  const [schedule] = Object.values(template.findResources('AWS::SecretsManager::RotationSchedule'));
  const [permission] = Object.keys(template.findResources('AWS::Lambda::Permission'));
  const [policy] = Object.keys(template.findResources('AWS::IAM::Policy'));
  expect(schedule?.['DependsOn']).toEqual(expect.arrayContaining([permission, policy]));
});

test('the role may use a customer managed key only for this secret and only through Secrets Manager', () => {
  const template = templateOf(
    (scope) => new CredentialRotation(scope, 'Orders', { ...forOrders, encryptionKey: new Key(scope, 'Key') }),
  );
  const secretArn = { Ref: Object.keys(template.findResources('AWS::SecretsManager::Secret'))[0] };
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        {
          Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
          Effect: 'Allow',
          Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
          Condition: {
            StringEquals: {
              'kms:ViaService': {
                'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]],
              },
            },
            StringLike: { 'kms:EncryptionContext:SecretARN': [secretArn] },
          },
        },
      ]),
    },
  });
});

test('the role names the target key of an alias', () => {
  const resourcesWith = (alias: (scope: Construct, key: IKey) => IKey): unknown[] => {
    const template = templateOf((scope) => {
      const key = Key.fromKeyArn(scope, 'Key', KEY_ARN);
      new CredentialRotation(scope, 'Orders', { ...forOrders, encryptionKey: alias(scope, key) });
    });
    const [policy] = propertiesOf(template, 'AWS::IAM::Policy');
    const statements = policy?.['PolicyDocument'].Statement as { Action: unknown; Resource: unknown }[];
    return statements.filter(({ Action }) => String(Action).includes('kms:')).map(({ Resource }) => Resource);
  };
  const aliasName = 'alias/milvus';
  expect(resourcesWith((scope, key) => new Alias(scope, 'A', { aliasName, targetKey: key }))).toEqual([KEY_ARN]);
  expect(
    resourcesWith((scope, key) => Alias.fromAliasAttributes(scope, 'A', { aliasName, aliasTargetKey: key })),
  ).toEqual([KEY_ARN]);
});

test('without a customer managed key, no statement allows KMS actions', () => {
  const policies = templateWith().findResources('AWS::IAM::Policy');
  expect(JSON.stringify(policies)).not.toContain('kms:');
});

test('a new secret has a replica in each given region', () => {
  templateWith({ replicaRegions: [{ region: 'eu-west-1' }] }).hasResourceProperties('AWS::SecretsManager::Secret', {
    ReplicaRegions: [{ Region: 'eu-west-1' }],
  });
  templateOfConfiguration(
    `secrets: [{create: orders, endpoint: "${ENDPOINT}", username: orders, replicaRegions: [eu-west-1, us-gov-east-1]}]`,
  ).hasResourceProperties('AWS::SecretsManager::Secret', {
    ReplicaRegions: [{ Region: 'eu-west-1' }, { Region: 'us-gov-east-1' }],
  });
});
