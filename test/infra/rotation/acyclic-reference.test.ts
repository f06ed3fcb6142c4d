import { type App, Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import type { RotationFunctionProps } from '../../../infra/function/rotation-function-props.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../../infra/rotation/credential-rotation-props.ts';
import { appWithoutBundles } from '../support/templates.ts';

const NEW = { endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530', username: 'u' };

/** An app with the function in one stack and the rotation in another. */
function inTwoStacks(
  props: (stack: Stack) => CredentialRotationProps,
  functionProps: RotationFunctionProps = {},
): { app: App; functionStack: Stack; secretStack: Stack } {
  const app = appWithoutBundles();
  const [functionStack, secretStack] = [new Stack(app, 'Function'), new Stack(app, 'Secret')];
  const rotationFunction = new RotationFunction(functionStack, 'RotationFunction', functionProps);
  new CredentialRotation(secretStack, 'Orders', { rotationFunction, ...props(secretStack) });
  return { app, functionStack, secretStack };
}

test('the function names a new secret by its fixed name, so its stack does not depend on the stack of the secret', () => {
  const { app, functionStack, secretStack } = inTwoStacks(() => ({ ...NEW, secretName: 'milvus/orders' }));
  app.synth();
  expect(secretStack.dependencies).toEqual([functionStack]);
  expect(functionStack.dependencies).toEqual([]);
  const policies = JSON.stringify(Template.fromStack(functionStack).findResources('AWS::IAM::Policy'));
  expect(policies).toContain(':secret:milvus/orders-??????"');
});

test('a new secret needs a fixed name or a function with a name prefix', () => {
  const folder = { secretNamePrefix: 'milvus/' };
  const { app } = inTwoStacks(() => ({ ...NEW, secretName: 'milvus/orders' }), folder);
  expect(() => app.synth()).not.toThrow();
  expect(() => inTwoStacks(() => NEW)).toThrow(
    'Secret/Orders: This stack creates the secret, but the policy of a function in another stack must name the secret. Give secretName',
  );
  expect(() => inTwoStacks((stack) => ({ secret: new Secret(stack, 'Own') as ISecret }))).toThrow(
    'Secret.fromSecretNameV2 for your own secret, or secretNamePrefix to the function.',
  );
});

test('a new key must be in the stack of the function, not in the stack of the secret', () => {
  const named = { ...NEW, secretName: 'milvus/orders' };
  expect(() => inTwoStacks((stack) => ({ ...named, encryptionKey: new Key(stack, 'Key') }))).toThrow(
    'Secret/Orders: The stack of the secret creates the key, but the policy of a function in another stack must name the key.',
  );
  const app = appWithoutBundles();
  const functionStack = new Stack(app, 'Function');
  const rotationFunction = new RotationFunction(functionStack, 'RotationFunction');
  const encryptionKey = new Key(functionStack, 'Key');
  new CredentialRotation(new Stack(app, 'Secret'), 'Orders', { ...named, rotationFunction, encryptionKey });
  expect(() => app.synth()).not.toThrow();
});

test('an imported secret and an imported key cause no cyclic reference', () => {
  const imported = Fn.importValue('secret-of-somebody');
  const { app } = inTwoStacks((stack) => ({
    secret: Secret.fromSecretCompleteArn(stack, 'Theirs', imported),
    encryptionKey: new Alias(stack, 'Alias', {
      aliasName: 'alias/ours',
      targetKey: Key.fromKeyArn(
        stack,
        'Key',
        'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      ),
    }),
  }));
  expect(() => app.synth()).not.toThrow();
});
