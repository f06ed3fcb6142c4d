import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../../infra/rotation/credential-rotation-props.ts';
import { parseSecretTargets } from '../../../protocol/secret/rotated-secrets.ts';
import {
  appWithoutBundles,
  ENDPOINT as endpoint,
  propertiesOf,
  templateOf,
  templateOfConfiguration,
} from '../support/templates.ts';

const usernames = ['orders_a', 'orders_b'] as const;
const two: CredentialRotationProps = { strategy: 'alternating-users', endpoint, usernames };

const existing = (scope: Construct): CredentialRotationProps => ({
  secret: Secret.fromSecretNameV2(scope, 'Secret', 'milvus/orders'),
});
const fresh = (): CredentialRotationProps => ({ secretName: 'milvus/orders' });

type Source = (scope: Construct) => CredentialRotationProps;

function templateWith(source: Source, props: CredentialRotationProps): Template {
  return templateOf((scope) => new CredentialRotation(scope, 'Orders', { ...source(scope), ...props }));
}

function targetsIn(template: Template): unknown {
  const [fn] = propertiesOf(template, 'AWS::Lambda::Function');
  return parseSecretTargets(fn?.['Environment'].Variables.SECRET_TARGETS as string);
}

describe.each<[string, Source]>([
  ['an existing secret', existing],
  ['a new secret', fresh],
])('two users of %s', (_, source) => {
  test('are in the environment of the function, with the endpoint', () => {
    expect(targetsIn(templateWith(source, two))).toEqual({ 'milvus/orders': { endpoint, usernames } });
  });

  test('get the strategy from a shared function', () => {
    const template = templateOf((scope) => {
      const rotationFunction = new RotationFunction(scope, 'RotationFunction', { strategy: 'alternating-users' });
      new CredentialRotation(scope, 'Orders', { ...source(scope), endpoint, usernames, rotationFunction });
    });
    expect(targetsIn(template)).toEqual({ 'milvus/orders': { endpoint, usernames } });
  });
});

test('a new secret holds the first user, so a second user does not replace the secret', () => {
  const secretsOf = (props: CredentialRotationProps): unknown =>
    templateWith(fresh, props).findResources('AWS::SecretsManager::Secret');
  expect(secretsOf(two)).toEqual(secretsOf({ endpoint, username: 'orders_a' }));
  expect(JSON.stringify(secretsOf(two))).toContain('orders_a');
});

test('a new secret of another stack is pinned in the stack of the function', () => {
  const app = appWithoutBundles();
  const functionStack = new Stack(app, 'Function');
  const rotationFunction = new RotationFunction(functionStack, 'RotationFunction');
  new CredentialRotation(new Stack(app, 'Secret'), 'Orders', { ...two, ...fresh(), rotationFunction });
  expect(targetsIn(Template.fromStack(functionStack))).toEqual({ 'milvus/orders': { endpoint, usernames } });
});

test('two users need no other permission than one user', () => {
  const policiesOf = (props: CredentialRotationProps): unknown =>
    templateWith(existing, props).findResources('AWS::IAM::Policy');
  expect(policiesOf(two)).toEqual(policiesOf({}));
});

test('a configuration file with the old key strategy: single-user has the same template', () => {
  const templateWithKey = (fn: string): unknown =>
    templateOfConfiguration(`function: ${fn}\nsecrets: [{name: milvus/orders}]`).toJSON();
  expect(templateWithKey('{strategy: single-user}')).toEqual(templateWithKey('{}'));
});

test('the environment of the function counts both users, so too many secrets are an error at synth', () => {
  const secrets = Array.from({ length: 30 }, (_, i) => ({
    name: `s-${i}`,
    endpoint,
    usernames: [`user_a_${i}`, `user_b_${i}`],
  }));
  const synth = (): Template =>
    templateOfConfiguration(JSON.stringify({ function: { strategy: 'alternating-users' }, secrets }));
  expect(synth).toThrow(/would have \d+ characters: 0 for its rules and \d+ for its secrets\. Lambda allows 4096\./);
});
