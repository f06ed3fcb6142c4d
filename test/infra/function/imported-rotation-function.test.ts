import { type App, Aws, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { beforeEach, expect, test } from 'vitest';
import type { RotationFunctionAttributes } from '../../../infra/function/imported-rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../../infra/rotation/credential-rotation-props.ts';
import { deployedFunction, FUNCTION_ARN } from '../support/constructs.ts';
import { appWithoutBundles, ENDPOINT, KEY_ARN } from '../support/templates.ts';

const ROLE_ARN = 'arn:aws:iam::123456789012:role/rotation';
const NEW = { secretName: 'milvus/orders', endpoint: ENDPOINT, username: 'orders' };
const PAIR = {
  secretName: 'milvus/orders',
  endpoint: ENDPOINT,
  usernames: ['a', 'b'],
  strategy: 'alternating-users',
} as const;
const FOLDER = { secretNamePrefix: 'milvus/' };
const SOURCE = "Secret.fromSecretNameV2(this, 'Secret', 'milvus/orders')";

let app: App;
let stack: Stack;

beforeEach(() => {
  app = appWithoutBundles();
  stack = new Stack(app, 'Test', { env: { account: '123456789012', region: 'us-west-2' } });
});

function rotate(props: CredentialRotationProps, attrs: Partial<RotationFunctionAttributes> = {}): CredentialRotation {
  return new CredentialRotation(stack, 'Orders', { rotationFunction: deployedFunction(stack, attrs), ...props });
}

const existing = () => Secret.fromSecretNameV2(stack, 'Secret', 'milvus/orders');
const withKey = () => ({ secret: existing(), encryptionKey: Key.fromKeyArn(stack, 'Key', KEY_ARN) });

/** The calls that the warnings ask the app of the function to make. */
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
});

test('permissions can be added to the function, as to a function of this account', () => {
  deployedFunction(stack).function.addPermission('Ops', { principal: new ServicePrincipal('events.amazonaws.com') });
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Permission', { FunctionName: FUNCTION_ARN });
});

test.each<[string, () => unknown, string]>([
  ['an existing secret', () => rotate({ secret: existing() }), `call allowRotationOf(${SOURCE})`],
  ['a key, without a prefix', () => rotate(withKey()), `call allowRotationOf(${SOURCE}, key)`],
  [
    'a key of a secret whose name only the deployment knows',
    () => rotate({ ...withKey(), secret: Secret.fromSecretNameV2(stack, 'Unknown', Aws.STACK_NAME) }, FOLDER),
    'give the key of this secret to the function as secretKeys',
  ],
  ['a key', () => rotate(withKey(), FOLDER), 'give the key of milvus/orders to the function as secretKeys'],
  [
    'a pin',
    () => rotate({ secret: existing(), endpoint: ENDPOINT, username: 'orders' }, FOLDER),
    `call pin(this, ${SOURCE}, {'endpoint':'${ENDPOINT}','username':'orders'})`,
  ],
  [
    'a pin that only the deployment knows',
    () => rotate({ secret: existing(), endpoint: Aws.STACK_NAME, username: 'orders' }, FOLDER),
    `call pin(this, ${SOURCE}, {'endpoint':endpoint,'username':'orders'})`,
  ],
  [
    'two users, also of a new secret',
    () => rotate(PAIR, FOLDER),
    `call pin(this, ${SOURCE}, {'endpoint':'${ENDPOINT}','usernames':['a','b']})`,
  ],
  [
    'two users, of whom only the deployment knows one',
    () => rotate({ ...PAIR, usernames: ['a', Aws.STACK_NAME] }, FOLDER),
    `call pin(this, ${SOURCE}, {'endpoint':'${ENDPOINT}','usernames':usernames})`,
  ],
])('a warning has the call that the app of the function must make: %s', (_, act, call) => {
  act();
  expect(calls()).toEqual([call]);
});

test('a customer managed key is allowed by a policy of the imported role, before the schedule exists', () => {
  rotate(withKey(), { ...FOLDER, role: Role.fromRoleArn(stack, 'Role', ROLE_ARN) });
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

test.each<[string, () => unknown, string]>([
  ['allowedEndpoints', () => rotate(NEW, { ...FOLDER, allowedEndpoints: ['.example.com'] }), 'Allowed: .example.com.'],
  ['secretNamePrefix', () => rotate({ ...NEW, secretName: 'orders' }, FOLDER), 'outside milvus/'],
  ['strategy', () => rotate(NEW, { ...FOLDER, strategy: 'alternating-users' }), 'usernames: Missing.'],
  ['minimumGapMinutes', () => rotate(PAIR, { ...FOLDER, minimumGapMinutes: 50_000 }), 'is 50000'],
])('the rules of the deployed function are applied: %s', (_, act, allowed) => {
  expect(act).toThrow(allowed);
});
