import { type App, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { beforeEach, expect, test } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../../infra/rotation/credential-rotation-props.ts';
import { crossAccountRotation } from '../support/constructs.ts';
import { appWithoutBundles, ENDPOINT as endpoint } from '../support/templates.ts';

const env = { account: '123456789012', region: 'us-west-2' };
const ARN = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:orders-Ab12Cd';
const user = { endpoint, username: 'orders' };
const SAME_CREDENTIAL = 'Test/Orders has';
const SAME_SECRET = 'Test/Orders rotates';

let app: App;
let stack: Stack;
let rotationFunction: RotationFunction;

beforeEach(() => {
  app = appWithoutBundles();
  stack = new Stack(app, 'Test', { env });
  rotationFunction = new RotationFunction(stack, 'RotationFunction');
});

const rotate = (id: string, props: CredentialRotationProps, scope: Stack = stack): CredentialRotation =>
  new CredentialRotation(scope, id, { rotationFunction, ...props });
const existing = (name: string, scope = stack) => Secret.fromSecretNameV2(scope, `S-${name}`, name);
const crossAccount = () => crossAccountRotation(new Stack(app, 'Other', { env }), 'Copy', { secretName: 'orders' });

test.each<[string, () => unknown, string?]>([
  ['another case', () => rotate('Copy', { ...user, endpoint: endpoint.replace('https', 'HTTPS') })],
  ['a pin', () => rotate('Copy', { ...user, secret: existing('s') })],
  [
    'one of two users',
    () => rotate('Copy', { endpoint, usernames: ['a', 'orders'], secretName: 'two' }),
    'Test/Copy: usernames',
  ],
  ['a dot at the end of the host', () => rotate('Copy', { ...user, endpoint: endpoint.replace(':19530', '.:19530') })],
  [
    'the endpoint of the function',
    () => {
      const fn = new RotationFunction(stack, 'WithEndpoint', { clusterEndpoint: endpoint });
      rotate('Copy', { rotationFunction: fn, username: 'orders', secret: existing('s') });
    },
  ],
  ['another stack and account', crossAccount, 'Other/Copy: username'],
])('two constructs for one user at one endpoint are refused, with the place of both: %s', (_, act, place) => {
  rotate('Orders', user);
  expect(act).toThrow(`${place ?? 'Test/Copy: username'}: "orders" ${SAME_CREDENTIAL}`);
});

test.each<[string, () => unknown]>([
  ['by name', () => rotate('Copy', { secret: Secret.fromSecretNameV2(stack, 'Again', 'orders') })],
  ['by ARN', () => rotate('Copy', { secret: Secret.fromSecretCompleteArn(stack, 'ByArn', ARN) })],
  [
    'in another stack',
    () => {
      const scope = new Stack(app, 'Other', { env });
      rotate('Copy', { secret: existing('orders', scope) }, scope);
    },
  ],
  ['with a function of another account', crossAccount],
])('two constructs for one secret are refused: %s', (_, act) => {
  rotate('Orders', { secret: existing('orders') });
  expect(act).toThrow(SAME_SECRET);
});

test('a new secret cannot be given to a second construct', () => {
  const { secret } = rotate('Orders', user);
  expect(() => rotate('Copy', { secret })).toThrow(SAME_SECRET);
});

test('two constructs for one API key are refused, also at two endpoints', () => {
  rotationFunction = new RotationFunction(stack, 'WithManager', { managerSecret: existing('manager') });
  const other = endpoint.replace('in01', 'in02');
  rotate('Orders', { secret: existing('one'), endpoint, apiKeyId: 'key-1' });
  rotate('Search', { secret: existing('two'), endpoint, apiKeyId: 'key-2' });
  const copy = () => rotate('Copy', { secret: existing('three'), endpoint: other, apiKeyId: 'key-1' });
  expect(copy).toThrow(`Test/Copy: apiKeyId: "key-1" ${SAME_CREDENTIAL}`);
});

test('other users, endpoints, secrets, regions and apps are accepted', () => {
  rotate('Orders', user);
  rotate('Search', { endpoint, username: 'search' });
  rotate('Port', { ...user, endpoint: endpoint.replace(':19530', '') });
  rotate('Existing', { secret: existing('one') });
  rotate('Existing2', { secret: existing('two') });
  for (const scope of [
    new Stack(app, 'Elsewhere', { env: { ...env, region: 'eu-west-1' } }),
    new Stack(appWithoutBundles(), 'Test', { env }),
  ]) {
    rotationFunction = new RotationFunction(scope, 'RotationFunction');
    rotate('Existing', { secret: existing('one', scope) }, scope);
  }
  rotate('Orders', user, Stack.of(rotationFunction));
});
