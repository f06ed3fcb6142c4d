import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { expect, test } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { readConfig } from '../../../lambda/config.ts';
import { isRotated, type SecretTarget, targetFor } from '../../../secret/rotated-secrets.ts';
import { appWithoutBundles, templateOf, templateOfConfiguration } from '../support/templates.ts';

const ENDPOINT = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530';
const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/search-Ab12Cd';

function environmentIn(template: Template): Record<string, unknown> {
  const [fn] = Object.values(template.findResources('AWS::Lambda::Function'));
  return fn?.['Properties'].Environment.Variables as Record<string, unknown>;
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

test('ROTATED_SECRETS names only the prefix if the function has a name prefix', () => {
  const template = templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction', { secretNamePrefix: 'milvus/' });
    rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, 'A', 'milvus/orders'));
  });
  expect(environmentIn(template)).toEqual({ ROTATED_SECRETS: 'milvus/*' });
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

test('a new secret contains its endpoint and user, so SECRET_TARGETS is absent', () => {
  const template = templateOf((scope) => new CredentialRotation(scope, 'New', { endpoint: ENDPOINT, username: 'u' }));
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { SECRET_TARGETS: Match.absent() } },
  });
});

test('an endpoint that the function does not allow, or a secret name that is unknown at synth, is an error', () => {
  const existing = (endpoint: string, secret: (scope: Construct) => ISecret) => (): unknown =>
    templateOf((scope) => new CredentialRotation(scope, 'Orders', { endpoint, secret: secret(scope) }));
  expect(existing('https://elsewhere.example.com', (scope) => Secret.fromSecretNameV2(scope, 'S', 'orders'))).toThrow(
    'Test/Orders: endpoint: "https://elsewhere.example.com" elsewhere.example.com is not an allowed endpoint.',
  );
  expect(existing(ENDPOINT, (scope) => new Secret(scope, 'S') as ISecret)).toThrow(
    'Test/Orders: The function finds the endpoint and username of an existing secret by its name, and the name of this secret is unknown at synth.',
  );
});
