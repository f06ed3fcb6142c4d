import { Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../../infra/rotation/credential-rotation-props.ts';
import { RotationSchedule } from '../../../infra/rotation/rotation-schedule.ts';
import { parseSecretTargets } from '../../../secret/rotated-secrets.ts';
import { appWithoutBundles, propertiesOf, templateOf, templateOfConfiguration } from '../support/templates.ts';

const endpoint = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530';
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

  test.each<[CredentialRotationProps, string]>([
    [{ username: 'orders_a' }, 'username: "orders_a" usernames names both users. Remove username.'],
    [{ strategy: 'single-user' }, 'usernames: ["orders_a","orders_b"] A single user is named by username.'],
    [{ usernames: ['orders_a', 'orders_a'] }, 'They must differ.'],
    [{ usernames: ['orders_a', '1st'] }, 'usernames[1]: "1st" A cluster user starts with a letter'],
    [{ usernames: ['orders_a'] as unknown as [string, string] }, 'Write the two users that take turns'],
    [{ strategy: 'two' as 'single-user' }, 'strategy: "two" Write single-user or alternating-users.'],
    [
      { schedule: RotationSchedule.rate(Duration.hours(4)), minimumGapMinutes: 181 },
      'schedule: "rate(4 hours)" With this schedule, two rotations can be only 180 minutes apart: one at the end of its window, and one at the start of the next window. For alternating-users, minimumGapMinutes of the function is 181.',
    ],
  ])('are refused with %j', (props, message) => {
    expect(() => templateWith(source, { ...two, ...props })).toThrow(message);
  });

  test('are missing', () => {
    expect(() => templateWith(source, { strategy: 'alternating-users', endpoint, username: 'orders' })).toThrow(
      'Test/Orders: usernames: Missing. With alternating-users, write the two users that take turns',
    );
  });
});

test('two users of an existing secret need its endpoint, also by a direct call of pin', () => {
  const message = 'endpoint: Missing. With alternating-users, write the endpoint of the cluster that has both users.';
  expect(() => templateWith(existing, { strategy: 'alternating-users', usernames })).toThrow(message);
  const pin = (target: Parameters<RotationFunction['pin']>[2]) => (): Template =>
    templateOf((scope) => {
      const secret = Secret.fromSecretNameV2(scope, 'Secret', 'milvus/orders');
      new RotationFunction(scope, 'RotationFunction').pin(scope, secret, target);
    });
  expect(pin({ usernames })).toThrow(message);
  expect(pin({ endpoint, usernames: ['a', 'a'] })).toThrow('They must differ.');
  expect(pin({ endpoint, username: 'a', usernames })).toThrow('usernames names both users.');
  expect(pin({ endpoint, usernames })).not.toThrow();
});

test('a new secret holds the first user, so a second user does not replace the secret', () => {
  const secretsOf = (props: CredentialRotationProps): unknown =>
    templateWith(fresh, props).findResources('AWS::SecretsManager::Secret');
  expect(secretsOf(two)).toEqual(secretsOf({ endpoint, username: 'orders_a' }));
  expect(JSON.stringify(secretsOf(two))).toContain('orders_a');
});

test('a new secret of another stack has no pin if the function has a name prefix, so two users are refused', () => {
  const rotate = (secretNamePrefix: string | undefined): (() => Template) => {
    return () => {
      const app = appWithoutBundles();
      const functionStack = new Stack(app, 'Function');
      const rotationFunction = new RotationFunction(
        functionStack,
        'RotationFunction',
        secretNamePrefix === undefined ? {} : { secretNamePrefix },
      );
      new CredentialRotation(new Stack(app, 'Secret'), 'Orders', { ...two, ...fresh(), rotationFunction });
      return Template.fromStack(functionStack);
    };
  };
  expect(rotate('milvus/')).toThrow(
    'With secretNamePrefix, the function does not pin a new secret of another stack, and alternating-users needs a pin.',
  );
  expect(targetsIn(rotate(undefined)())).toEqual({ 'milvus/orders': { endpoint, usernames } });
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
