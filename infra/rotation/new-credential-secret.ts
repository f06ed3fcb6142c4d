import { createHash } from 'node:crypto';
import { RemovalPolicy, Token } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ISecret, type ReplicaRegion, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { SECRET_DESCRIPTION } from '../../protocol/secret/document.ts';

export interface NewCredentialSecretProps {
  readonly endpoint: string;
  readonly username: string;
  readonly secretName?: string;
  readonly description?: string;
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
  readonly replicaRegions?: ReplicaRegion[];
}

/** Punctuation that Secrets Manager could generate and that our password policy excludes. */
const EXCLUDED_PUNCTUATION = '"#$%&\'(),/:;<>?[\\]`{|}';

/**
 * Creates a secret `{endpoint, username, password}` with a random placeholder as its password. The
 * operator replaces the placeholder, or creates the cluster user with it.
 *
 * CloudFormation generates a new password, and overwrites the real one, if any property of the
 * generation changes. Therefore no changeable setting reaches these properties: endpoint and
 * username are part of the logical id, so a change of them creates another secret. If the name is
 * fixed, that deployment fails and changes nothing.
 */
export function newCredentialSecret(scope: Construct, props: NewCredentialSecretProps): ISecret {
  const { endpoint, username, secretName, encryptionKey, replicaRegions } = props;
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
  // CDK's class and interface differ in an optional property under exactOptionalPropertyTypes.
  return secret as ISecret;
}

/** A token counts as a constant, because its text may differ at every synth. */
function hashOf(endpoint: string, username: string): string {
  const parts = [endpoint, username].map((part) => (Token.isUnresolved(part) ? 'token' : part));
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}
