import { Aws, Lazy } from 'aws-cdk-lib';
import { type IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** The calls that the function makes on a secret: it fails without any one of them, and makes no other. */
export const ROTATION_ACTIONS: readonly string[] = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:ListSecretVersionIds',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

/** What Secrets Manager asks of the caller to read a value, and to store one, under a customer managed key. */
const KEY_ACTIONS: readonly string[] = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** The statements about secrets in one role: one for all secrets, and one for each key that encrypts some of them. */
export class SecretPermissions {
  readonly #principal: IPrincipal;
  /** ARNs by construct path. */
  readonly #secrets = new Map<string, string>();
  readonly #keys = new Map<string, Map<string, string>>();

  constructor(principal: IPrincipal) {
    this.#principal = principal;
  }

  get count(): number {
    return this.#secrets.size;
  }

  allow(secret: ISecret, encryptionKey: IKey | undefined): void {
    const arn = arnForPolicies(secret);
    if (this.#secrets.size === 0) {
      this.#addStatement(ROTATION_ACTIONS, Lazy.list({ produce: () => inOrder(this.#secrets) }));
    }
    this.#secrets.set(secret.node.path, arn);
    if (encryptionKey) {
      this.#allowKey(encryptionKey, secret.node.path, arn);
    }
  }

  #allowKey(key: IKey, path: string, secretArn: string): void {
    const secrets = this.#keys.get(key.keyArn) ?? new Map<string, string>();
    if (secrets.size === 0) {
      this.#keys.set(key.keyArn, secrets);
      // The key may serve others too: the function gets it through Secrets Manager, for its own secrets, and not otherwise.
      this.#addStatement(KEY_ACTIONS, [key.keyArn], {
        StringEquals: { 'kms:ViaService': `secretsmanager.${Aws.REGION}.${Aws.URL_SUFFIX}` },
        StringLike: { 'kms:EncryptionContext:SecretARN': Lazy.list({ produce: () => inOrder(secrets) }) },
      });
    }
    secrets.set(path, secretArn);
  }

  #addStatement(actions: readonly string[], resources: string[], conditions: Record<string, unknown> = {}): void {
    this.#principal.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources, conditions }));
  }
}

/**
 * Secrets Manager puts a hyphen and six characters of its own after a name. Six question marks stand for them where only the
 * name is known: `*` would also cover every secret whose name merely begins so.
 */
export function arnForPolicies(secret: ISecret): string {
  return secret.secretFullArn ?? `${secret.secretArn}-??????`;
}

/** By path and not by age: whoever sorts a configuration file should see an empty `cdk diff`. */
function inOrder(arns: ReadonlyMap<string, string>): string[] {
  return [...arns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, arn]) => arn);
}
