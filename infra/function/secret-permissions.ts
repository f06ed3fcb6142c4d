import { Aws, Lazy, Stack, Token, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { keyBehind } from './key-behind.ts';

/** The calls that the function makes on a secret: it fails without any one of them, and makes no other. */
export const ROTATION_ACTIONS: readonly string[] = [
  'secretsmanager:DescribeSecret',
  'secretsmanager:GetSecretValue',
  'secretsmanager:ListSecretVersionIds',
  'secretsmanager:PutSecretValue',
  'secretsmanager:UpdateSecretVersionStage',
];

/** What Secrets Manager asks of the caller to read a value, and to store one, under a customer managed key. */
const READ_KEY_ACTIONS: readonly string[] = ['kms:Decrypt'];
export const KEY_ACTIONS: readonly string[] = [...READ_KEY_ACTIONS, 'kms:GenerateDataKey'];

/** In place of the path of a secret. */
const FOLDER = '';

/**
 * The statements about secrets in one role: one for all secrets, and one for each key that encrypts some of them. With a
 * prefix they are the same for one secret and for thousands.
 */
export class SecretPermissions {
  readonly #role: Role;
  readonly #folder: string | undefined;
  /** ARNs by construct path. */
  readonly #secrets = new Map<string, string>();
  readonly #keys = new Map<string, Map<string, string>>();

  constructor(role: Role, namePrefix: string | undefined) {
    this.#role = role;
    if (namePrefix !== undefined) {
      this.#folder = arnOfFolder(Stack.of(role), namePrefix);
      this.#allowFolder(this.#folder, namePrefix);
    }
  }

  /** What the ARNs begin with: of the folder, or of each secret without the characters that nobody knows. Complete only at synthesis. */
  get arnPrefixes(): string[] {
    const arns = this.#folder === undefined ? inOrder(this.#secrets) : [this.#folder];
    return arns.map((arn) => arn.replace(/[?*]+$/, ''));
  }

  get count(): number {
    return this.#secrets.size;
  }

  /** Lets the role rotate the secret. */
  allow(secret: ISecret, encryptionKey: IKey | undefined): void {
    const arn = arnForPolicies(secret);
    if (this.#secrets.size === 0 && this.#folder === undefined) {
      this.#addStatement(ROTATION_ACTIONS, Lazy.list({ produce: () => inOrder(this.#secrets) }));
    }
    this.#secrets.set(secret.node.path, arn);
    const key = encryptionKey && keyBehind(secret, encryptionKey);
    if (key) {
      this.#allowKey(key, secret.node.path, this.#folder ?? arn);
    }
  }

  /** Lets the role use the key for every secret of the folder, whether one is there yet or not. */
  allowKeyOfFolder(key: IKey): void {
    const known = keyBehind(this.#role, key);
    if (known && this.#folder !== undefined) {
      this.#allowKey(known, FOLDER, this.#folder);
    }
  }

  /** Lets the role read the secret, and no more. */
  allowReading(secret: ISecret): void {
    const arn = arnForPolicies(secret);
    this.#addStatement(['secretsmanager:GetSecretValue'], [arn]);
    const key = secret.encryptionKey && keyBehind(secret, secret.encryptionKey);
    if (key) {
      this.#addStatement(READ_KEY_ACTIONS, [key.keyArn], throughSecretsManager([arn]));
    }
  }

  #allowFolder(arn: string, namePrefix: string): void {
    this.#addStatement(ROTATION_ACTIONS, [arn]);
    Validations.of(this.#role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${arnOfFolder(asNagWrites(Stack.of(this.#role)), namePrefix)}]`,
      reason:
        'The folder of secrets that this function was made for. A statement for each of thousands would exceed what a role may hold.',
    });
  }

  #allowKey(key: IKey, path: string, secretArn: string): void {
    const secrets = this.#keys.get(key.keyArn) ?? new Map<string, string>();
    if (secrets.size === 0) {
      this.#keys.set(key.keyArn, secrets);
      this.#addStatement(
        KEY_ACTIONS,
        [key.keyArn],
        throughSecretsManager(Lazy.list({ produce: () => [...new Set(inOrder(secrets))] })),
      );
    }
    secrets.set(path, secretArn);
  }

  #addStatement(actions: readonly string[], resources: string[], conditions: Record<string, unknown> = {}): void {
    this.#role.addToPolicy(new PolicyStatement({ actions: [...actions], resources, conditions }));
  }
}

/** The key may serve others too: the role gets it through Secrets Manager, for its own secrets, and not otherwise. */
function throughSecretsManager(secretArns: string[]): Record<string, unknown> {
  return {
    StringEquals: { 'kms:ViaService': `secretsmanager.${Aws.REGION}.${Aws.URL_SUFFIX}` },
    StringLike: { 'kms:EncryptionContext:SecretARN': secretArns },
  };
}

type Place = Pick<Stack, 'partition' | 'region' | 'account'>;

/** Every secret below the folder, in this account and region. */
function arnOfFolder({ partition, region, account }: Place, namePrefix: string): string {
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${namePrefix}*`;
}

/** cdk-nag names a finding after the ARN, with `<AWS::Region>` for what is known at deployment only. */
function asNagWrites({ partition, region, account }: Place): Place {
  const shown = (value: string, name: string): string => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  return {
    partition: shown(partition, 'Partition'),
    region: shown(region, 'Region'),
    account: shown(account, 'AccountId'),
  };
}

/**
 * Secrets Manager puts a hyphen and six characters of its own after a name. Six question marks stand for them where only the
 * name is known: `*` would also cover every secret whose name merely begins so.
 */
function arnForPolicies(secret: ISecret): string {
  return secret.secretFullArn ?? `${secret.secretArn}-??????`;
}

/** By path and not by age: whoever sorts a configuration file should see an empty `cdk diff`. */
function inOrder(arns: ReadonlyMap<string, string>): string[] {
  return [...arns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, arn]) => arn);
}
