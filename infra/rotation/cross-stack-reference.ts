import { Resource, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct, IConstruct } from 'constructs';
import { customerManagedKey } from '../function/customer-managed-key.ts';
import type { IRotationFunction } from '../function/rotation-function-base.ts';
import { RotationPropsError } from '../rules/check-props.ts';

interface SecretReference {
  readonly secret: ISecret;
  readonly encryptionKey: IKey | undefined;
}

/**
 * The secret and its key, as the policies of the function can name them without a cyclic
 * reference. The schedule makes the stack of the secret depend on the stack of the function. If
 * that is another stack, the function must not refer to a resource of the secret's stack.
 *
 * @param scope In the stack of the secret.
 * @throws RotationPropsError if a cyclic reference is unavoidable. The message names the
 * alternatives.
 */
export function referenceForFunction(
  scope: Construct,
  rotationFunction: IRotationFunction,
  { secret, secretName, encryptionKey }: SecretReference & { readonly secretName: string | undefined },
): SecretReference {
  if (Stack.of(rotationFunction) === Stack.of(scope)) {
    return { secret, encryptionKey };
  }
  const isCreatedHere = (construct: IConstruct): boolean =>
    Stack.of(construct) === Stack.of(scope) && Resource.isOwnedResource(construct);
  const key = encryptionKey && customerManagedKey(scope, encryptionKey);
  if (key && isCreatedHere(key)) {
    throw new RotationPropsError(
      scope,
      'The stack of the secret creates the key, but the policy of a function in another stack must name the key. Create the key in the stack of the function or in a third stack.',
    );
  }
  if (rotationFunction.secretNamePrefix !== undefined || !isCreatedHere(secret)) {
    return { secret, encryptionKey };
  }
  if (secretName === undefined) {
    throw new RotationPropsError(
      scope,
      'This stack creates the secret, but the policy of a function in another stack must name the secret. ' +
        'Give secretName for a new secret, Secret.fromSecretNameV2 for your own secret, or secretNamePrefix to ' +
        'the function.',
    );
  }
  return { secret: Secret.fromSecretNameV2(scope, 'SecretByName', secretName), encryptionKey };
}
