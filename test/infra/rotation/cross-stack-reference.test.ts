import { type App, Fn, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../../infra/rotation/credential-rotation-props.ts';
import { appWithoutBundles, ENDPOINT, KEY_ARN } from '../support/templates.ts';

const NEW = { endpoint: ENDPOINT, username: 'u' };

/** An app with the function in one stack and the rotation in another. */
function inTwoStacks(props: (stack: Stack) => CredentialRotationProps): {
  app: App;
  functionStack: Stack;
  secretStack: Stack;
} {
  const app = appWithoutBundles();
  const [functionStack, secretStack] = [new Stack(app, 'Function'), new Stack(app, 'Secret')];
  const rotationFunction = new RotationFunction(functionStack, 'RotationFunction');
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

test('an imported secret and an imported key cause no cyclic reference', () => {
  const imported = Fn.importValue('secret-of-somebody');
  const { app } = inTwoStacks((stack) => ({
    secret: Secret.fromSecretCompleteArn(stack, 'Theirs', imported),
    encryptionKey: new Alias(stack, 'Alias', {
      aliasName: 'alias/ours',
      targetKey: Key.fromKeyArn(stack, 'Key', KEY_ARN),
    }),
  }));
  expect(() => app.synth()).not.toThrow();
});
