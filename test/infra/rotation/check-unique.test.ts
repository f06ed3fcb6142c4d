import { type App, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { beforeEach, expect, test } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../../infra/rotation/credential-rotation-props.ts';
import { CrossAccountRotation } from '../../../infra/rotation/cross-account-rotation.ts';
import { appWithoutBundles, ENDPOINT as endpoint } from '../support/templates.ts';

const env = { account: '123456789012', region: 'us-west-2' };

let app: App;
let stack: Stack;
let rotationFunction: RotationFunction;

beforeEach(() => {
  app = appWithoutBundles();
  stack = new Stack(app, 'Test', { env });
  rotationFunction = new RotationFunction(stack, 'RotationFunction');
});

function rotate(id: string, props: CredentialRotationProps, scope: Stack = stack): () => void {
  return () => void new CredentialRotation(scope, id, { rotationFunction, ...props });
}

const existing = (id: string, name: string, scope = stack) => Secret.fromSecretNameV2(scope, id, name);

const crossAccount = (scope: Stack) => (): unknown =>
  new CrossAccountRotation(scope, 'Cross', {
    secretName: 'orders',
    endpoint,
    username: 'orders',
    encryptionKey: new Key(scope, 'Key'),
    functionArn: 'arn:aws:lambda:us-west-2:444455556666:function:rotation',
    roleArn: 'arn:aws:iam::444455556666:role/rotation',
  });

test('two constructs for one user at one endpoint are refused, with the place of both', () => {
  rotate('Orders', { endpoint, username: 'orders' })();
  expect(rotate('Copy', { endpoint: endpoint.replace('https', 'HTTPS'), username: 'orders' })).toThrow(
    'Test/Copy: username: "orders" Test/Orders has the same user at the same endpoint.',
  );
  expect(rotate('Pinned', { endpoint, username: 'orders', secret: existing('S', 's') })).toThrow('the same endpoint');
  expect(
    rotate('Two', { endpoint, usernames: ['a', 'orders'], strategy: 'alternating-users', secretName: 'two' }),
  ).toThrow('usernames: "orders" Test/Orders has');
});

test('also if the host ends in a dot, or if only the function names the endpoint', () => {
  rotate('Orders', { endpoint, username: 'orders' })();
  expect(rotate('Dot', { endpoint: endpoint.replace(':19530', '.:19530'), username: 'orders' })).toThrow(
    'Test/Dot: username: "orders" Test/Orders has the same user at the same endpoint.',
  );
  const functionArn = 'arn:aws:lambda:us-west-2:123456789012:function:rotation';
  const functions = [
    new RotationFunction(stack, 'WithEndpoint', { clusterEndpoint: endpoint }),
    RotationFunction.fromRotationFunctionAttributes(stack, 'Deployed', { functionArn, clusterEndpoint: endpoint }),
  ];
  for (const [index, fn] of functions.entries()) {
    const secret = existing(`S${index}`, `s${index}`);
    expect(rotate(`Existing${index}`, { rotationFunction: fn, username: 'orders', secret })).toThrow(
      `Test/Existing${index}: username: "orders" Test/Orders has the same user at the same endpoint.`,
    );
    // The value of the secret names another endpoint.
    const other = endpoint.replace('in01', `in0${index + 2}`);
    rotate(`Other${index}`, { rotationFunction: fn, username: 'orders', secret, endpoint: other })();
  }
});

test('also in two stacks, and with a function of another account', () => {
  rotate('Orders', { endpoint, username: 'orders' })();
  const other = new Stack(app, 'Other', { env });
  expect(crossAccount(other)).toThrow('Other/Cross: username: "orders" Test/Orders has');
});

test('two constructs for one secret are refused, however it is imported', () => {
  const arn = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:orders-Ab12Cd';
  rotate('Orders', { secret: existing('ByName', 'orders') })();
  for (const secret of [existing('Again', 'orders'), Secret.fromSecretCompleteArn(stack, 'ByArn', arn)]) {
    expect(rotate(`${secret.node.id}Rotation`, { secret })).toThrow(
      `Test/${secret.node.id}Rotation: secret: Test/Orders rotates this secret already.`,
    );
  }
});

test('also in two stacks, and with a function of another account: one secret', () => {
  rotate('Orders', { secret: existing('ByName', 'orders') })();
  const other = new Stack(app, 'Other', { env });
  expect(rotate('Again', { secret: existing('ByName', 'orders', other) }, other)).toThrow(
    'Other/Again: secret: Test/Orders rotates this secret already.',
  );
  expect(crossAccount(other)).toThrow('Other/Cross: secret: Test/Orders rotates this secret already.');
});

test('a new secret cannot be given to a second construct', () => {
  const first = new CredentialRotation(stack, 'Orders', { rotationFunction, endpoint, username: 'orders' });
  expect(rotate('Copy', { secret: first.secret })).toThrow('Test/Orders rotates this secret already.');
});

test('other users, other endpoints, other secrets, other regions and other apps are accepted', () => {
  rotate('Orders', { endpoint, username: 'orders' })();
  rotate('Search', { endpoint, username: 'search' })();
  rotate('Port', { endpoint: endpoint.replace(':19530', ''), username: 'orders' })();
  rotate('Existing', { secret: existing('S', 'one') })();
  rotate('Existing2', { secret: existing('S2', 'two') })();
  const elsewhere = new Stack(app, 'Elsewhere', { env: { ...env, region: 'eu-west-1' } });
  const ownFunction = new RotationFunction(elsewhere, 'RotationFunction');
  const secret = existing('S', 'one', elsewhere);
  rotate('Existing', { secret, rotationFunction: ownFunction }, elsewhere)();
  const otherApp = new Stack(appWithoutBundles(), 'Test');
  const otherFunction = new RotationFunction(otherApp, 'RotationFunction');
  rotate('Orders', { endpoint, username: 'orders', rotationFunction: otherFunction }, otherApp)();
});
