import { Resource, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct, IConstruct } from 'constructs';
import { RotationPropsError } from '../errors.ts';
import { keyBehind } from '../function/key-behind.ts';
import type { RotationFunction } from '../function/rotation-function.ts';

interface Seen {
  readonly secret: ISecret;
  readonly encryptionKey: IKey | undefined;
}

/**
 * A secret and its key as a function of another stack may refer to them. The stack of the secret refers to the function, for its schedule; were the
 * policy of the function to refer back to what is made there, neither could be deployed first.
 *
 * @throws RotationPropsError for what has no name of its own, with the ways out.
 */
export function seenFrom(
  rotationFunction: RotationFunction,
  scope: Construct,
  { secret, secretName, encryptionKey }: Seen & { readonly secretName: string | undefined },
): Seen {
  const isMadeHere = (construct: IConstruct): boolean =>
    Stack.of(construct) === Stack.of(scope) && Resource.isOwnedResource(construct);
  if (Stack.of(rotationFunction) === Stack.of(scope)) {
    return { secret, encryptionKey };
  }
  const key = encryptionKey && keyBehind(scope, encryptionKey);
  if (key && isMadeHere(key)) {
    throw new RotationPropsError(
      scope,
      'The key is made in the stack of the secret, and the function is in another, whose policy would have to name it. Make the key in the stack of the function or in one of its own.',
    );
  }
  if (rotationFunction.secretNamePrefix !== undefined || !isMadeHere(secret)) {
    return { secret, encryptionKey };
  }
  if (secretName === undefined) {
    throw new RotationPropsError(
      scope,
      'The secret is made in this stack, and the function is in another, whose policy would have to name it. Give secretName, for a secret of your own Secret.fromSecretNameV2, or secretNamePrefix to the function.',
    );
  }
  return { secret: Secret.fromSecretNameV2(scope, 'SecretByName', secretName), encryptionKey };
}
