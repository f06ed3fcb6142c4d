import { createHash } from 'node:crypto';
import { Annotations, RemovalPolicy, Token } from 'aws-cdk-lib';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { SECRET_DESCRIPTION } from '../../protocol/secret/document.ts';
import { refuseProp } from '../rules/check-props.ts';
import type { CredentialRotationProps } from './credential-rotation-props.ts';

type NewCredentialSecretProps = Required<Pick<CredentialRotationProps, 'endpoint' | 'username'>> &
  Pick<CredentialRotationProps, 'secretName' | 'description' | 'encryptionKey' | 'removalPolicy' | 'replicaRegions'>;

/** Punctuation that Secrets Manager could generate and that our password policy excludes. */
const EXCLUDED_PUNCTUATION = '"#$%&\'(),/:;<>?[\\]`{|}';

/**
 * Creates a secret `{endpoint, username, password}` with a random placeholder as its password. The
 * operator replaces the placeholder, or creates the cluster user with it.
 *
 * CloudFormation generates a new password, and overwrites the real one, if any property of the
 * generation changes. Therefore no changeable setting reaches these properties: endpoint and
 * username are part of the logical id, so a change of them creates another secret, as a renamed or
 * moved construct does. If the name is fixed, that deployment fails and the former secret stays.
 * Otherwise applications may get the new one, so synth warns.
 *
 * @throws RotationPropsError for a value that is known at deployment only, because its change would
 * not change the logical id.
 */
export function newCredentialSecret(scope: Construct, props: NewCredentialSecretProps): ISecret {
  const { endpoint, username, secretName, encryptionKey, replicaRegions } = props;
  for (const [key, value] of Object.entries({ endpoint, username })) {
    if (Token.isUnresolved(value)) {
      const rule =
        'The value is known at deployment only. If it changed later, CloudFormation would overwrite the password of the secret. Write the value as text. Or create the secret yourself, and give it as secret.';
      refuseProp(scope, [key], undefined, rule);
    }
  }
  const secret = new Secret(scope, `Secret${hashOf(endpoint, username)}`, {
    ...(secretName !== undefined && { secretName }),
    description: props.description ?? SECRET_DESCRIPTION,
    ...(encryptionKey && { encryptionKey }),
    removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ...(replicaRegions && { replicaRegions }),
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ endpoint, username }),
      generateStringKey: 'password',
      passwordLength: 40,
      excludeCharacters: EXCLUDED_PUNCTUATION,
      requireEachIncludedType: true,
    },
  });
  if (secretName === undefined) {
    Annotations.of(scope).addWarningV2(
      'zilliz-secret-rotation:unnamedSecret',
      'The secret has no secretName. If you rename or move its construct, or change its endpoint or username, CloudFormation creates a second secret with a placeholder as its password. Give secretName. Then such a deployment fails and the secret stays.',
    );
  }
  // CDK's class and interface differ in an optional property under exactOptionalPropertyTypes.
  return secret as ISecret;
}

function hashOf(endpoint: string, username: string): string {
  return createHash('sha256')
    .update(JSON.stringify([endpoint, username]))
    .digest('hex')
    .slice(0, 8);
}
