import { type App, Aws, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RotationFunctionAttributes } from '../../../infra/function/imported-rotation-function.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import type { IRotationFunction } from '../../../infra/function/rotation-function-base.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../../infra/rotation/credential-rotation-props.ts';
import { findingsIn } from '../support/nag.ts';
import { appWithoutBundles, ENDPOINT, KEY_ARN } from '../support/templates.ts';

const FUNCTION_ARN = 'arn:aws:lambda:us-west-2:123456789012:function:rotation';
const ROLE_ARN = 'arn:aws:iam::123456789012:role/rotation';
const NEW = { secretName: 'milvus/orders', endpoint: ENDPOINT, username: 'orders' };
const FOLDER = { secretNamePrefix: 'milvus/' };

let app: App;
let stack: Stack;

beforeEach(() => {
  app = appWithoutBundles();
  stack = new Stack(app, 'Test', { env: { account: '123456789012', region: 'us-west-2' } });
});

function deployed(attrs: Partial<RotationFunctionAttributes> = {}): IRotationFunction {
  return RotationFunction.fromRotationFunctionAttributes(stack, 'Deployed', { functionArn: FUNCTION_ARN, ...attrs });
}

function rotate(props: CredentialRotationProps, attrs: Partial<RotationFunctionAttributes> = {}): CredentialRotation {
  return new CredentialRotation(stack, 'Orders', { rotationFunction: deployed(attrs), ...props });
}

const existing = (name = 'milvus/orders') => Secret.fromSecretNameV2(stack, 'Secret', name);

/** The warnings about the secret, without their introduction. */
function calls(): string[] {
  return Annotations.fromStack(stack)
    .findWarning('*', Match.stringLikeRegexp('imports the rotation function'))
    .map(({ entry }) => String(entry.data).replace(/^.*In the app of the function, (.*)\. Deploy that app.*$/s, '$1'));
}

test('the schedule of a new secret names the deployed function, and the stack has no function, role or permission', () => {
  rotate(NEW, FOLDER);
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', { RotationLambdaARN: FUNCTION_ARN });
  const types = Object.values(template.toJSON()['Resources'] as Record<string, { Type: string }>);
  expect(types.map(({ Type }) => Type).toSorted()).toEqual([
    'AWS::SecretsManager::RotationSchedule',
    'AWS::SecretsManager::Secret',
  ]);
  expect(calls()).toEqual([]);
  expect(findingsIn(app)).toEqual([]);
});

test('permissions can be added to the function, as to a function of this account', () => {
  deployed().function.addPermission('Ops', { principal: new ServicePrincipal('events.amazonaws.com') });
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Permission', { FunctionName: FUNCTION_ARN });
});

describe('without secretNamePrefix, a warning says what the app of the function must do', () => {
  test('for an existing secret', () => {
    rotate({ secret: existing() });
    expect(calls()).toEqual(["call allowRotationOf(Secret.fromSecretNameV2(this, 'Secret', 'milvus/orders'))"]);
  });

  test('for a pin, which is in the environment of the function', () => {
    rotate({ secret: existing(), endpoint: ENDPOINT, username: 'orders' }, FOLDER);
    expect(calls()).toEqual([
      `call pin(this, Secret.fromSecretNameV2(this, 'Secret', 'milvus/orders'), {'endpoint':'${ENDPOINT}','username':'orders'})`,
    ]);
  });

  test('for two users, also of a new secret', () => {
    const usernames = ['orders_a', 'orders_b'] as const;
    rotate({ secretName: 'milvus/orders', endpoint: ENDPOINT, usernames, strategy: 'alternating-users' }, FOLDER);
    expect(calls()).toEqual([expect.stringMatching(/^call pin\(this, .*'usernames':\['orders_a','orders_b'\]\}\)$/)]);
  });

  test('and the app of the function accepts these calls', () => {
    const functionStack = new Stack(app, 'Function', { env: { account: '123456789012', region: 'us-west-2' } });
    const fn = new RotationFunction(functionStack, 'RotationFunction');
    const secret = Secret.fromSecretNameV2(functionStack, 'Secret', 'milvus/orders');
    fn.allowRotationOf(secret);
    fn.pin(functionStack, secret, { endpoint: ENDPOINT, usernames: ['orders_a', 'orders_b'] });
    expect(() => Template.fromStack(functionStack)).not.toThrow();
  });
});

describe('a customer managed key', () => {
  const encrypted = () => ({ ...NEW, encryptionKey: Key.fromKeyArn(stack, 'Key', KEY_ARN) });

  test('is allowed by a policy of the imported role, before the schedule exists', () => {
    rotate(encrypted(), { ...FOLDER, role: Role.fromRoleArn(stack, 'Role', ROLE_ARN) });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: ['rotation'],
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
            Resource: KEY_ARN,
            Condition: Match.objectLike({ StringEquals: Match.anyValue() }),
          }),
        ],
      },
    });
    const [policy] = Object.keys(template.findResources('AWS::IAM::Policy'));
    template.hasResource('AWS::SecretsManager::RotationSchedule', { DependsOn: Match.arrayWith([policy]) });
    expect(calls()).toEqual([]);
  });

  test('needs the app of the function if the role is not given', () => {
    rotate(encrypted(), FOLDER);
    expect(calls()).toEqual(['give the key of milvus/orders to the function as secretKeys']);
  });

  test('is an argument of allowRotationOf if the function has no prefix', () => {
    rotate(encrypted());
    expect(calls()).toEqual(["call allowRotationOf(Secret.fromSecretNameV2(this, 'Secret', 'milvus/orders'), key)"]);
  });
});

describe('the rules of the deployed function are applied', () => {
  test.each<[string, () => unknown, string]>([
    [
      'allowedEndpoints',
      () => rotate(NEW, { ...FOLDER, allowedEndpoints: ['.example.com'] }),
      'is not an allowed endpoint. Allowed: .example.com.',
    ],
    [
      'allowPlaintext',
      () => rotate({ ...NEW, endpoint: ENDPOINT.replace('https', 'http') }, FOLDER),
      'would carry passwords in plain text',
    ],
    [
      'secretNamePrefix, for a new secret',
      () => rotate({ ...NEW, secretName: 'orders' }, FOLDER),
      'orders is outside milvus/',
    ],
    [
      'secretNamePrefix, for an existing secret',
      () => rotate({ secret: existing('orders') }, FOLDER),
      'orders is outside milvus/',
    ],
    ['strategy', () => rotate(NEW, { ...FOLDER, strategy: 'alternating-users' }), 'usernames: Missing.'],
    [
      'minimumGapMinutes',
      () =>
        rotate(
          { secretName: 'milvus/orders', endpoint: ENDPOINT, usernames: ['a', 'b'], strategy: 'alternating-users' },
          { ...FOLDER, minimumGapMinutes: 50_000 },
        ),
      'minimumGapMinutes of the function is 50000',
    ],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(message);
  });

  test('without an account and region of the stack, or with an ARN that is unknown at synth, no place is compared', () => {
    stack = new Stack(app, 'Anywhere');
    rotate(NEW, { ...FOLDER, functionArn: FUNCTION_ARN });
    expect(() => deployedIn(Aws.NO_VALUE)).not.toThrow();
  });

  function deployedIn(functionArn: string): IRotationFunction {
    return RotationFunction.fromRotationFunctionAttributes(stack, 'ByToken', { functionArn });
  }
});
