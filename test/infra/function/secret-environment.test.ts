import { CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../build/release/template/evaluate.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import type { RotationFunctionProps } from '../../../infra/function/rotation-function-props.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { readConfig } from '../../../lambda/config.ts';
import { isRotated, type SecretTarget, targetFor } from '../../../protocol/secret/rotated-secrets.ts';
import {
  appWithoutBundles,
  ENDPOINT,
  propertiesOf,
  stackOf,
  templateOf,
  templateOfConfiguration,
} from '../support/templates.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/search-Ab12Cd';

function environmentIn(template: Template): Record<string, unknown> {
  const [fn] = propertiesOf(template, 'AWS::Lambda::Function');
  return fn?.['Environment'].Variables as Record<string, unknown>;
}

test('ROTATED_SECRETS names secrets by full ARN, by name, and by the ARN of a new secret', () => {
  const template = templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction');
    rotationFunction.allowRotationOf(Secret.fromSecretCompleteArn(scope, 'B', ARN));
    rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, 'A', 'milvus/orders'));
    new CredentialRotation(scope, 'New', { rotationFunction, endpoint: ENDPOINT, username: 'u' });
  });
  const [secret] = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
  expect(environmentIn(template)).toEqual({
    ROTATED_SECRETS: {
      'Fn::Join': [
        '',
        ['milvus/orders-??????,milvus/search-Ab12Cd,', { 'Fn::Select': [6, { 'Fn::Split': [':', { Ref: secret }] }] }],
      ],
    },
  });
});

test('ROTATED_SECRETS names the account of a secret of another account', () => {
  const rotatedSecretsIn = (account?: string, secretAccounts: string[] = []): unknown => {
    const stack = new Stack(appWithoutBundles(), 'Test', account === undefined ? {} : { env: { account } });
    const rotationFunction = new RotationFunction(stack, 'RotationFunction', { secretAccounts });
    rotationFunction.allowRotationOf(Secret.fromSecretCompleteArn(stack, 'Search', ARN));
    rotationFunction.allowRotationOf(Secret.fromSecretNameV2(stack, 'Orders', 'milvus/orders'));
    return environmentIn(Template.fromStack(stack))['ROTATED_SECRETS'];
  };
  const withoutAccounts = 'milvus/orders-??????,milvus/search-Ab12Cd';
  const withAccount = 'milvus/orders-??????,123456789012:milvus/search-Ab12Cd';
  expect(rotatedSecretsIn('123456789012')).toBe(withoutAccounts);
  expect(rotatedSecretsIn('444455556666')).toBe(withAccount);
  expect(rotatedSecretsIn()).toBe(withoutAccounts);
  expect(rotatedSecretsIn(undefined, ['123456789012'])).toBe(withAccount);
});

test('lambda/config.ts reads the endpoint and user of existing secrets from the environment', () => {
  const template = templateOfConfiguration(`secrets:
  - arn: ${ARN}
    username: search
  - name: milvus/orders
    endpoint: ${ENDPOINT}
    username: orders
  - name: milvus/billing
`);
  const environment = environmentIn(template) as Record<string, string>;
  expect(readConfig(environment)).toMatchObject({
    rotatedSecrets: [
      { account: undefined, resource: 'milvus/billing-??????' },
      { account: undefined, resource: 'milvus/orders-??????' },
      { account: undefined, resource: 'milvus/search-Ab12Cd' },
    ],
    secretTargets: {
      'milvus/orders': { endpoint: ENDPOINT, username: 'orders' },
      'milvus/search': { username: 'search' },
    },
  });
  expect(JSON.stringify(template.findResources('AWS::SecretsManager::Secret'))).toBe('{}');
});

test.each(['milvus/orders', 'milvus/orders-reader'])(
  'a pin for %s in another account applies to that secret only',
  (name) => {
    const arnIn = (account: string): string => `arn:aws:secretsmanager:us-east-1:${account}:secret:${name}`;
    const stack = new Stack(appWithoutBundles(), 'Test', { env: { account: '444455556666', region: 'us-east-1' } });
    const rotationFunction = new RotationFunction(stack, 'RotationFunction', { secretAccounts: ['111122223333'] });
    const secret = Secret.fromSecretPartialArn(stack, 'Orders', arnIn('111122223333'));
    rotationFunction.allowRotationOf(secret);
    rotationFunction.pin(stack, secret, { endpoint: ENDPOINT, username: 'orders' });

    const config = readConfig(environmentIn(Template.fromStack(stack)) as Record<string, string>);
    const place = { account: '444455556666', region: 'us-east-1' };
    const targetIn = (account: string): SecretTarget =>
      targetFor({ arn: `${arnIn(account)}-Ab12Cd`, name }, config.secretTargets, place);
    expect(targetIn('111122223333')).toEqual({ endpoint: ENDPOINT, username: 'orders' });
    expect(targetIn('444455556666')).toEqual({});
    expect(isRotated(`${arnIn('111122223333')}-Ab12Cd`, config.rotatedSecrets ?? [], place)).toBe(true);
  },
);

test('the order of the entries does not change the environment', () => {
  const [a, b] = ['orders', 'search'].map((name) => `  - {name: ${name}, username: ${name}}\n`);
  const withEntries = (...entries: unknown[]): unknown =>
    environmentIn(templateOfConfiguration(`secrets:\n${entries.join('')}`));
  expect(withEntries(b, a)).toEqual(withEntries(a, b));
});

describe('a function with an admin secret pins a new secret to its endpoint and user', () => {
  const target = { endpoint: ENDPOINT, username: 'orders' };
  const place = { account: '444455556666', region: 'us-east-1' };
  const arnOf = (name: string): string => `arn:aws:secretsmanager:us-east-1:444455556666:secret:${name}-Ab12Cd`;

  /** What the deployed function reads about the only secret, which has this name. */
  function deployedTarget(template: Template, name: string): SecretTarget {
    const pseudo = { 'AWS::Partition': 'aws', 'AWS::Region': place.region, 'AWS::AccountId': place.account };
    const ids = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
    const values = { ...pseudo, ...Object.fromEntries(ids.map((id) => [id, arnOf(name)])) };
    const { secretTargets } = readConfig(evaluate(environmentIn(template), {}, values) as Record<string, string>);
    return targetFor({ arn: arnOf(name), name }, secretTargets, place);
  }

  const withAdmin = (scope: Construct, props: RotationFunctionProps = {}): RotationFunction =>
    new RotationFunction(scope, 'RotationFunction', {
      ...props,
      adminSecret: Secret.fromSecretNameV2(scope, 'Admin', 'milvus-admin'),
    });

  test('by the name in a configuration file', () => {
    const template = templateOfConfiguration(`function: {adminSecretArn: "${arnOf('admin')}"}
secrets: [{create: milvus/orders, endpoint: "${ENDPOINT}", username: orders}]`);
    expect(environmentIn(template)['SECRET_TARGETS']).toBe(JSON.stringify({ 'milvus/orders': target }));
    expect(deployedTarget(template, 'milvus/orders')).toEqual(target);
  });

  test('by a name that CloudFormation generates', () => {
    const template = templateOf((scope) => {
      new CredentialRotation(scope, 'Orders', { ...target, rotationFunction: withAdmin(scope) });
    });
    const [secret = ''] = Object.keys(template.findResources('AWS::SecretsManager::Secret'));
    for (const name of [`${secret}-a1B2c3D4e5F6`, `Test-${secret}-a1B2c3D4e5F6`]) {
      expect(deployedTarget(template, name)).toEqual(target);
    }
  });

  test('by a name that is a parameter', () => {
    const template = templateOf((scope) => {
      const secretName = new CfnParameter(scope, 'Name').valueAsString;
      new CredentialRotation(scope, 'Orders', { ...target, rotationFunction: withAdmin(scope), secretName });
    });
    expect(deployedTarget(template, 'milvus-orders')).toEqual(target);
  });

  test.each([
    [{}, target],
    [{ secretNamePrefix: 'milvus/' }, {}],
  ])(
    'of another stack, unless a name prefix keeps new secrets out of the stack of the function: %j',
    (props, wanted) => {
      const app = appWithoutBundles();
      const functionStack = new Stack(app, 'Function');
      const rotationFunction = withAdmin(functionStack, props);
      new CredentialRotation(new Stack(app, 'Secret'), 'Orders', {
        ...target,
        rotationFunction,
        secretName: 'milvus/orders',
      });
      expect(deployedTarget(Template.fromStack(functionStack), 'milvus/orders')).toEqual(wanted);
    },
  );

  test.each([
    [{ endpoint: ENDPOINT, username: 'orders' }, 0],
    [{ endpoint: ENDPOINT }, 1],
    [{}, 1],
  ])('and synth warns if no secret has both pins, because the admin secret then has no use: %j', (pins, warnings) => {
    const stack = stackOf((scope) => {
      const secret = Secret.fromSecretNameV2(scope, 'Orders', 'milvus/orders');
      new CredentialRotation(scope, 'Rotation', { ...pins, secret, rotationFunction: withAdmin(scope) });
    });
    const found = Annotations.fromStack(stack).findWarning(
      '/Test/RotationFunction',
      Match.stringLikeRegexp('never uses its admin secret, because no secret is pinned to both endpoint and username'),
    );
    expect(found).toHaveLength(warnings);
  });
});
