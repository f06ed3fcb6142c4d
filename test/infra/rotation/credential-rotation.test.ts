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
import { RotationSchedule } from '../../../infra/rotation/rotation-schedule.ts';
import { CERTIFICATE_AUTHORITY, stackOf, templateOf } from '../support/templates.ts';

const endpoint = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530';
const KEY_ARN = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const forOrders = { endpoint, username: 'orders' };

test('one new gives a new secret, its own function and a schedule', () => {
  const template = templateOf((scope) => new CredentialRotation(scope, 'Orders', forOrders));
  template.resourceCountIs('AWS::SecretsManager::Secret', 1);
  template.resourceCountIs('AWS::Lambda::Function', 1);
  template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
    RotationRules: { ScheduleExpression: 'rate(30 days)' },
    RotateImmediatelyOnUpdate: false,
  });
});

test('a new secret outlives its stack unless told otherwise', () => {
  templateOf((scope) => new CredentialRotation(scope, 'Orders', forOrders)).hasResource('AWS::SecretsManager::Secret', {
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
  });
  templateOf(
    (scope) => new CredentialRotation(scope, 'Orders', { ...forOrders, removalPolicy: RemovalPolicy.DESTROY }),
  ).hasResource('AWS::SecretsManager::Secret', { DeletionPolicy: 'Delete' });
});

test('a new secret holds endpoint, username and a placeholder that needs no escaping', () => {
  templateOf((scope) => new CredentialRotation(scope, 'Orders', forOrders)).hasResourceProperties(
    'AWS::SecretsManager::Secret',
    {
      GenerateSecretString: {
        SecretStringTemplate: JSON.stringify(forOrders),
        GenerateStringKey: 'password',
        PasswordLength: 40,
        ExcludeCharacters: Match.stringLikeRegexp('"#\\$%&'),
        RequireEachIncludedType: true,
      },
      Name: Match.absent(),
    },
  );
});

test('CloudFormation never has a reason to overwrite a password: no setting reaches the generation', () => {
  const secretsOf = (props: object): unknown =>
    templateOf((scope) => new CredentialRotation(scope, 'Orders', { ...forOrders, ...props })).findResources(
      'AWS::SecretsManager::Secret',
    );
  expect(secretsOf({ passwordLength: 20, passwordExcludeCharacters: '!*' })).toEqual(secretsOf({}));
});

test('another endpoint or user is another secret, not a new value in the old one', () => {
  const idOf = (props: object): string =>
    Object.keys(
      templateOf((scope) => new CredentialRotation(scope, 'Orders', { ...forOrders, ...props })).findResources(
        'AWS::SecretsManager::Secret',
      ),
    ).join();
  expect(idOf({ username: 'search' })).not.toBe(idOf({}));
  expect(idOf({ description: 'changed' })).toBe(idOf({}));
});

test('an existing secret by name is scheduled by its name and permitted with six open characters', () => {
  const template = templateOf(
    (scope) =>
      new CredentialRotation(scope, 'Orders', { secret: Secret.fromSecretNameV2(scope, 'Secret', 'milvus/orders') }),
  );
  template.resourceCountIs('AWS::SecretsManager::Secret', 0);
  template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', { SecretId: 'milvus/orders' });
  expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain(':secret:milvus/orders-??????"');
});

test('an existing secret by ARN is used and permitted as it stands', () => {
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
    new CredentialRotation(scope, 'Search', { rotationFunction, endpoint, username: 'search' });
  });
  template.resourceCountIs('AWS::Lambda::Function', 1);
  template.resourceCountIs('AWS::Lambda::Permission', 1);
  template.resourceCountIs('AWS::SecretsManager::RotationSchedule', 2);
});

test('schedule, window and rotation on deploy are passed on', () => {
  templateOf(
    (scope) =>
      new CredentialRotation(scope, 'Orders', {
        ...forOrders,
        schedule: RotationSchedule.cron('0 4 ? * SUN *', { window: Duration.hours(2) }),
        rotateImmediatelyOnUpdate: true,
      }),
  ).hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
    RotationRules: { ScheduleExpression: 'cron(0 4 ? * SUN *)', Duration: '2h' },
    RotateImmediatelyOnUpdate: true,
  });
});

test('the schedule waits for the invoke permission and for the policies, which Secrets Manager tries at once', () => {
  const template = templateOf((scope) => new CredentialRotation(scope, 'Orders', forOrders));
  const [schedule] = Object.values(template.findResources('AWS::SecretsManager::RotationSchedule'));
  const [permission] = Object.keys(template.findResources('AWS::Lambda::Permission'));
  const [policy] = Object.keys(template.findResources('AWS::IAM::Policy'));
  expect(schedule?.['DependsOn']).toEqual(expect.arrayContaining([permission, policy]));
});

test('a customer key is usable for this secret alone, through Secrets Manager', () => {
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

test('an alias stands for its key in the role of the function, wherever the target is known', () => {
  const resourcesWith = (alias: (scope: Construct, key: IKey) => IKey): unknown[] => {
    const template = templateOf((scope) => {
      const key = Key.fromKeyArn(scope, 'Key', KEY_ARN);
      new CredentialRotation(scope, 'Orders', { ...forOrders, encryptionKey: alias(scope, key) });
    });
    const [policy] = Object.values(template.findResources('AWS::IAM::Policy'));
    const statements = policy?.['Properties'].PolicyDocument.Statement as { Action: unknown; Resource: unknown }[];
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
  ['a folder', (rotation: RotationFunction, key: IKey) => folderIn(rotation, { secretKeys: [key] })],
  [
    'an admin secret',
    (rotation: RotationFunction, key: IKey) => folderIn(rotation, { adminSecret: secretIn(rotation, key) }),
  ],
])('an alias alone is refused as the key of %s: the role would be denied on AWS', (_, use) => {
  for (const alias of [
    (scope: Construct) => Alias.fromAliasName(scope, 'Alias', 'alias/milvus'),
    (scope: Construct) => Key.fromKeyArn(scope, 'Alias', 'arn:aws:kms:us-east-1:123456789012:alias/milvus'),
  ]) {
    const made = (): unknown => stackOf((scope) => use(new RotationFunction(scope, 'F'), alias(scope)));
    expect(made).toThrow(RotationPropsError);
    expect(made).toThrow('The key is known by its alias alone (alias/milvus), and IAM permits the use of a key by its');
  }
});

function secretIn(scope: Construct, encryptionKey?: IKey): ISecret {
  const secretCompleteArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/orders-Ab12Cd';
  return Secret.fromSecretAttributes(scope, 'Secret', {
    secretCompleteArn,
    ...(encryptionKey && { encryptionKey }),
  });
}

function folderIn(scope: Construct, props: RotationFunctionProps): RotationFunction {
  return new RotationFunction(scope, 'Folder', { secretNamePrefix: 'milvus/', ...props });
}

test('without a customer key no statement speaks of KMS', () => {
  const policies = templateOf((scope) => new CredentialRotation(scope, 'Orders', forOrders)).findResources(
    'AWS::IAM::Policy',
  );
  expect(JSON.stringify(policies)).not.toContain('kms:');
});

test.each([
  [{}, 'Test/Orders: Neither an existing secret nor what a new one needs. Give secret, or both endpoint and username.'],
  [{ endpoint }, 'Neither an existing secret nor what a new one needs.'],
  [{ ...forOrders, endpoint: 'https://milvus.example.com' }, 'milvus.example.com is not an allowed endpoint.'],
  [{ ...forOrders, endpoint: 'http://in01.zillizcloud.com' }, 'would carry passwords in plain text'],
  [{ ...forOrders, passwordLength: 7 }, 'A password length of 7 is not possible.'],
  [
    { ...forOrders, timeout: Duration.seconds(3) },
    'Test/Orders/RotationFunction: timeout: 3 Write seconds, 30 to 900. Less is too short to change a password and prove it.',
  ],
  [{ ...forOrders, timeout: Duration.minutes(20) }, 'timeout: 1200 Write seconds, 30 to 900.'],
  [{ ...forOrders, memorySize: 128 }, 'memorySize: 128 Write MB, 192 to 10240. With less, the function would die'],
  [{ ...forOrders, memorySize: 20_000 }, 'memorySize: 20000 Write MB, 192 to 10240.'],
  [{ ...forOrders, memorySize: 512.5 }, 'memorySize: 512.5 Write MB, 192 to 10240.'],
  [{ ...forOrders, reservedConcurrentExecutions: 0.5 }, 'reservedConcurrentExecutions: 0.5 Write how many rotations'],
  [{ ...forOrders, reservedConcurrentExecutions: -1 }, 'reservedConcurrentExecutions: -1 Write how many rotations'],
  [{ ...forOrders, username: '' }, 'Test/Orders: username: "" A cluster user begins with a letter'],
  [{ ...forOrders, secretName: 'a b?*' }, 'Test/Orders: secretName: "a b?*" A name of a secret holds letters, digits'],
  [{ ...forOrders, secretName: 'orders-abcdef' }, 'secretName: "orders-abcdef" A new name must not end in a hyphen'],
])('props %j are refused', (props, message) => {
  expect(() => stackOf((scope) => new CredentialRotation(scope, 'Orders', props))).toThrow(message);
});

test('an environment larger than Lambda takes is refused at synth, with the ways out', () => {
  const synth = (): Template =>
    templateOf(
      (scope) =>
        new CredentialRotation(scope, 'Orders', {
          ...forOrders,
          certificateAuthority: CERTIFICATE_AUTHORITY.repeat(8),
        }),
    );
  expect(synth).toThrow(
    /The function's environment would be \d+ characters, and Lambda allows 4096: \d+ for its rules/,
  );
});

test('an existing secret takes no name or description, and a shared function no settings of its own', () => {
  expect(() =>
    stackOf(
      (scope) =>
        new CredentialRotation(scope, 'Orders', {
          secret: Secret.fromSecretNameV2(scope, 'Secret', 'orders'),
          secretName: 'search',
          description: 'Searches',
        }),
    ),
  ).toThrow(
    'secret cannot be given together with secretName, description. An existing secret has its own, so leave them out.',
  );
  expect(() =>
    stackOf((scope) => {
      const rotationFunction = new RotationFunction(scope, 'RotationFunction');
      new CredentialRotation(scope, 'Orders', { ...forOrders, rotationFunction, memorySize: 256 });
    }),
  ).toThrow('rotationFunction cannot be given together with memorySize.');
});

test('a shared function refuses an endpoint against its rules', () => {
  expect(() =>
    stackOf((scope) => {
      const rotationFunction = new RotationFunction(scope, 'RotationFunction', { allowedEndpoints: ['.example.com'] });
      new CredentialRotation(scope, 'Orders', { ...forOrders, rotationFunction });
    }),
  ).toThrow('is not an allowed endpoint. Allowed: .example.com.');
});
