import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { Alias, type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { expect, test } from 'vitest';
import { RotationPropsError } from '../../../infra/errors.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import type { RotationFunctionProps } from '../../../infra/function/rotation-function-props.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../../infra/rotation/credential-rotation-props.ts';
import { RotationSchedule } from '../../../infra/rotation/rotation-schedule.ts';
import { ENDPOINT, KEY_ARN, propertiesOf, stackOf, templateOf, templateOfConfiguration } from '../support/templates.ts';

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

test.each([
  ['a secret', (rotation: RotationFunction, key: IKey) => rotation.allowRotationOf(secretIn(rotation), key)],
  ['a name prefix', (rotation: RotationFunction, key: IKey) => functionWithPrefix(rotation, { secretKeys: [key] })],
  [
    'an admin secret',
    (rotation: RotationFunction, key: IKey) =>
      new RotationFunction(rotation, 'WithAdmin', { adminSecret: secretIn(rotation, key) }),
  ],
])('an alias with an unknown target key is an error as the key of %s', (_, use) => {
  for (const alias of [
    (scope: Construct) => Alias.fromAliasName(scope, 'Alias', 'alias/milvus'),
    (scope: Construct) => Key.fromKeyArn(scope, 'Alias', 'arn:aws:kms:us-east-1:123456789012:alias/milvus'),
  ]) {
    const create = (): unknown => stackOf((scope) => use(new RotationFunction(scope, 'F'), alias(scope)));
    expect(create).toThrow(RotationPropsError);
    expect(create).toThrow('The target key of alias/milvus is unknown at synth. IAM policies must name the key');
  }
});

function secretIn(scope: Construct, encryptionKey?: IKey): ISecret {
  const secretCompleteArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/orders-Ab12Cd';
  return Secret.fromSecretAttributes(scope, 'Secret', {
    secretCompleteArn,
    ...(encryptionKey && { encryptionKey }),
  });
}

function functionWithPrefix(scope: Construct, props: RotationFunctionProps): RotationFunction {
  return new RotationFunction(scope, 'WithPrefix', { secretNamePrefix: 'milvus/', ...props });
}

test('without a customer managed key, no statement allows KMS actions', () => {
  const policies = templateWith().findResources('AWS::IAM::Policy');
  expect(JSON.stringify(policies)).not.toContain('kms:');
});

test.each([
  [
    {},
    'Test/Orders: The props name no existing secret, and a new secret needs both endpoint and username. Give secret, or give endpoint and username.',
  ],
  [{ endpoint: ENDPOINT }, 'The props name no existing secret'],
  [{ ...forOrders, endpoint: 'https://milvus.example.com' }, 'milvus.example.com is not an allowed endpoint.'],
  [{ ...forOrders, endpoint: 'http://in01.zillizcloud.com' }, 'would carry passwords in plain text'],
  [{ ...forOrders, passwordLength: 7 }, 'passwordLength: 7 Write a whole number of characters from 8 to 64.'],
  [
    { ...forOrders, timeout: Duration.seconds(3) },
    'Test/Orders/RotationFunction: timeout: 3 Write a whole number of seconds from 30 to 900. A shorter step cannot change a password and verify it.',
  ],
  [{ ...forOrders, timeout: Duration.minutes(20) }, 'timeout: 1200 Write a whole number of seconds from 30 to 900.'],
  [
    { ...forOrders, memorySize: 127 },
    'memorySize: 127 Write a whole number of MB from 128 to 10240. Lambda allows no other sizes',
  ],
  [{ ...forOrders, memorySize: 20_000 }, 'memorySize: 20000 Write a whole number of MB from 128 to 10240.'],
  [{ ...forOrders, memorySize: 512.5 }, 'memorySize: 512.5 Write a whole number of MB from 128 to 10240.'],
  [
    { ...forOrders, reservedConcurrentExecutions: 0.5 },
    'reservedConcurrentExecutions: 0.5 Write a whole number of concurrent rotations',
  ],
  [
    { ...forOrders, reservedConcurrentExecutions: -1 },
    'reservedConcurrentExecutions: -1 Write a whole number of concurrent rotations',
  ],
  [{ ...forOrders, username: '' }, 'Test/Orders: username: "" A cluster user starts with a letter'],
  [
    { ...forOrders, secretName: 'a b?*' },
    'Test/Orders: secretName: "a b?*" A secret name has 1 to 512 letters, digits',
  ],
  [{ ...forOrders, secretName: 'orders-abcdef' }, 'secretName: "orders-abcdef" A new name must not end in a hyphen'],
])('props %j are an error', (props, message) => {
  expect(() => stackOf((scope) => new CredentialRotation(scope, 'Orders', props))).toThrow(message);
});

test('an existing secret excludes the props of a new secret, and a shared function those of a new function', () => {
  const existing = (props: CredentialRotationProps) => (): unknown =>
    stackOf((scope) => {
      const secret = Secret.fromSecretNameV2(scope, 'Secret', 'orders');
      new CredentialRotation(scope, 'Orders', { secret, ...props });
    });
  expect(existing({ secretName: 'search', description: 'Searches' })).toThrow(
    'secret cannot be given together with secretName, description. They apply to a new secret only, so omit them.',
  );
  expect(existing({ replicaRegions: [{ region: 'eu-west-1' }] })).toThrow(
    'secret cannot be given together with replicaRegions.',
  );
  expect(() =>
    stackOf((scope) => {
      const rotationFunction = new RotationFunction(scope, 'RotationFunction');
      new CredentialRotation(scope, 'Orders', { ...forOrders, rotationFunction, memorySize: 256 });
    }),
  ).toThrow('rotationFunction cannot be given together with memorySize.');
});

test('an endpoint that a shared function does not allow is an error', () => {
  expect(() =>
    stackOf((scope) => {
      const rotationFunction = new RotationFunction(scope, 'RotationFunction', { allowedEndpoints: ['.example.com'] });
      new CredentialRotation(scope, 'Orders', { ...forOrders, rotationFunction });
    }),
  ).toThrow('is not an allowed endpoint. Allowed: .example.com.');
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
