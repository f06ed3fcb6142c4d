import { createHash } from 'node:crypto';
import { RemovalPolicy, Token } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ReplicaRegion, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { CheckedProps } from '../rules/checked-props.ts';
import { NEW_SECRET_NAME, USERNAME } from '../rules/shared-fields.ts';

export interface NewCredentialSecretProps {
  readonly endpoint: string;
  readonly username: string;
  readonly secretName: string | undefined;
  readonly description: string | undefined;
  readonly encryptionKey: IKey | undefined;
  readonly removalPolicy: RemovalPolicy | undefined;
  readonly replicaRegions: ReplicaRegion[] | undefined;
}

/** Of the punctuation that Secrets Manager draws from, that which the rotation's own passwords avoid too. */
const HARD_TO_QUOTE = '"#$%&\'(),/:;<>?[\\]`{|}';

/**
 * A secret `{endpoint, username, password}` whose password is a placeholder, until the operator stores the real one or makes the
 * cluster user with it.
 *
 * CloudFormation stores a new random password whenever anything about the generation changes, over a real one too. So nothing in it
 * comes from a setting that someone may change: not from the password policy, and endpoint and username are part
 * of the logical id. A change of these makes another secret (and fails, harmlessly, on a secret with a fixed name).
 */
export function newCredentialSecret(scope: Construct, props: NewCredentialSecretProps): Secret {
  const { endpoint, username } = props;
  const checked = new CheckedProps(scope);
  checked.prop('username', username, USERNAME);
  checked.prop('secretName', props.secretName, NEW_SECRET_NAME);
  return new Secret(scope, `Secret${identityOf(endpoint, username)}`, {
    ...(props.secretName !== undefined && { secretName: props.secretName }),
    description:
      props.description ?? 'Credential of a Zilliz Cloud or Milvus cluster, rotated by zilliz-secret-rotation',
    ...(props.encryptionKey && { encryptionKey: props.encryptionKey }),
    removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    ...(props.replicaRegions && { replicaRegions: props.replicaRegions }),
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ endpoint, username }),
      generateStringKey: 'password',
      passwordLength: 40,
      excludeCharacters: HARD_TO_QUOTE,
      requireEachIncludedType: true,
    },
  });
}

/** A value known only at deployment has no stable text at synth, and must not make another id at every synth. */
function identityOf(endpoint: string, username: string): string {
  const parts = [endpoint, username].map((part) => (Token.isUnresolved(part) ? 'token' : part));
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}
