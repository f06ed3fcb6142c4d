import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { expect, test } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { readConfig } from '../../../lambda/config.ts';
import { appWithoutBundles, templateOf, templateOfConfiguration } from '../support/templates.ts';

const ENDPOINT = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530';
const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/search-Ab12Cd';

/** The environment as the template writes it. */
function environmentIn(template: Template): Record<string, unknown> {
  const [fn] = Object.values(template.findResources('AWS::Lambda::Function'));
  return fn?.['Properties'].Environment.Variables as Record<string, unknown>;
}

test('the function is told which secrets are its own: by full ARN, by name, and one that the stack makes', () => {
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

test('a secret of another account is named with it, whether synth knows the account of the function or not', () => {
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

test('a folder of secrets is named once, however many are in it', () => {
  const template = templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction', { secretNamePrefix: 'milvus/' });
    rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, 'A', 'milvus/orders'));
  });
  expect(environmentIn(template)).toEqual({ ROTATED_SECRETS: 'milvus/*' });
});

test('endpoint and user of existing secrets reach the function, which reads what synth wrote', () => {
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

test('the order of the entries does not show in the environment', () => {
  const [a, b] = ['orders', 'search'].map((name) => `  - {name: ${name}, username: ${name}}\n`);
  const withEntries = (...entries: unknown[]): unknown =>
    environmentIn(templateOfConfiguration(`secrets:\n${entries.join('')}`));
  expect(withEntries(b, a)).toEqual(withEntries(a, b));
});

test('a new secret carries endpoint and user itself', () => {
  const template = templateOf((scope) => new CredentialRotation(scope, 'New', { endpoint: ENDPOINT, username: 'u' }));
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { SECRET_TARGETS: Match.absent() } },
  });
});

test('more endpoints than an environment holds are refused at synth, with the ways out', () => {
  const entries = Array.from({ length: 40 }, (_, i) => `  - {name: user-${i}, endpoint: "${ENDPOINT}"}\n`);
  const synth = (): Template => templateOfConfiguration(`secrets:\n${entries.join('')}`);
  expect(synth).toThrow(/environment would be \d+ characters, and Lambda allows 4096: 0 for its rules and \d+ for its/);
  expect(synth).toThrow('write an endpoint into the value of its secret or into the tag zilliz:endpoint instead');
});

test('forty secrets with names of forty characters fit', () => {
  const entries = Array.from({ length: 40 }, (_, index) => `  - name: ${String(index).padStart(40, 'n')}\n`);
  expect(() => templateOfConfiguration(`secrets:\n${entries.join('')}`)).not.toThrow();
});

test('an endpoint against the rules of the function, and a secret without a known name, are refused at synth', () => {
  const existing = (endpoint: string, secret: (scope: Construct) => ISecret) => (): unknown =>
    templateOf((scope) => new CredentialRotation(scope, 'Orders', { endpoint, secret: secret(scope) }));
  expect(existing('https://elsewhere.example.com', (scope) => Secret.fromSecretNameV2(scope, 'S', 'orders'))).toThrow(
    'Test/Orders: endpoint: "https://elsewhere.example.com" elsewhere.example.com is not an allowed endpoint.',
  );
  expect(existing(ENDPOINT, (scope) => new Secret(scope, 'S') as ISecret)).toThrow(
    'Test/Orders: endpoint and username of an existing secret are kept by its name, and the name of this one is known at deployment only.',
  );
});
