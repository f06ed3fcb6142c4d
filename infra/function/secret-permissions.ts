import { Lazy, Stack, Token } from 'aws-cdk-lib';
import { Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { ROTATION_ACTIONS, WRITE_ACTIONS } from '../../protocol/secret/rotated-secrets.ts';
import { acknowledge } from '../acknowledge.ts';
import { customerManagedKey, KEY_ACTIONS, READ_KEY_ACTIONS, viaSecretsManager } from './customer-managed-key.ts';
import { arnPattern } from './secret-names.ts';

/**
 * The statements about secrets in the policies of a role: one statement for all secrets, and one
 * for each customer managed key. With a name prefix, the statements do not grow with the number of
 * secrets.
 */
export class SecretPermissions {
  readonly #role: IRole;
  /** ARN pattern of all secrets under the name prefix. */
  readonly #folder: string | undefined;
  /** ARNs by construct path. */
  readonly #secrets = new Map<string, string>();
  /** ARNs of the secrets under each key, by construct path. The path of the folder is empty. */
  readonly #keys = new Map<string, Map<string, string>>();

  /**
   * @param folderKeys keys that the role may use for all secrets under the name prefix, including
   * later ones
   */
  constructor(role: IRole, namePrefix: string | undefined, folderKeys: readonly IKey[] = []) {
    this.#role = role;
    if (namePrefix !== undefined) {
      this.#folder = folderArn(Stack.of(role), namePrefix);
      this.#allowFolder(this.#folder, namePrefix, folderKeys);
    }
  }

  /** The ARN patterns without the wildcards at their end. Complete only at synthesis. */
  get arnPrefixes(): string[] {
    const arns = this.#folder === undefined ? sortedByPath(this.#secrets) : [this.#folder];
    return arns.map((arn) => arn.replace(/[?*]+$/, ''));
  }

  /** Allows the role to rotate the secret. */
  allow(secret: ISecret, encryptionKey: IKey | undefined): void {
    const arn = arnPattern(secret);
    if (this.#secrets.size === 0 && this.#folder === undefined) {
      this.#addStatement(ROTATION_ACTIONS, Lazy.list({ produce: () => sortedByPath(this.#secrets) }));
    }
    this.#secrets.set(secret.node.path, arn);
    const key = encryptionKey && customerManagedKey(secret, encryptionKey);
    if (key) {
      this.#allowKey(key, secret.node.path, this.#folder ?? arn);
    }
  }

  /**
   * Allows the role to read the secret and denies it every change. Without the denial, the role
   * could change a secret that is below the name prefix but whose name is unknown at synth.
   */
  allowOnlyReading(secret: ISecret): void {
    const arn = arnPattern(secret);
    this.#addStatement(['secretsmanager:GetSecretValue'], [arn]);
    this.#role.addToPrincipalPolicy(
      new PolicyStatement({ effect: Effect.DENY, actions: [...WRITE_ACTIONS], resources: [arn] }),
    );
    const key = secret.encryptionKey && customerManagedKey(secret, secret.encryptionKey);
    if (key) {
      this.#addStatement(READ_KEY_ACTIONS, [key.keyArn], viaSecretsManager([arn]));
    }
  }

  #allowFolder(arn: string, namePrefix: string, keys: readonly IKey[]): void {
    this.#addStatement(ROTATION_ACTIONS, [arn]);
    acknowledgeFolder(
      this.#role,
      namePrefix,
      'The function rotates all secrets under this name prefix. The policies of a role are too small for a statement for each of thousands of secrets.',
    );
    for (const given of keys) {
      const key = customerManagedKey(this.#role, given);
      if (key) {
        this.#allowKey(key, '', arn);
      }
    }
  }

  #allowKey(key: IKey, path: string, secretArn: string): void {
    const secrets = this.#keys.get(key.keyArn) ?? new Map<string, string>();
    if (secrets.size === 0) {
      this.#keys.set(key.keyArn, secrets);
      const arns = Lazy.list({ produce: () => [...new Set(sortedByPath(secrets))] });
      this.#addStatement(KEY_ACTIONS, [key.keyArn], viaSecretsManager(arns));
    }
    secrets.set(path, secretArn);
  }

  #addStatement(actions: readonly string[], resources: string[], conditions: Record<string, unknown> = {}): void {
    this.#role.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources, conditions }));
  }
}

type ArnParts = Pick<Stack, 'partition' | 'region' | 'account'>;

/** The ARN pattern of all secrets under a name prefix. */
export function folderArn({ partition, region, account }: ArnParts, namePrefix: string): string {
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${namePrefix}*`;
}

/**
 * Gives cdk-nag the reason for {@link folderArn} in a policy, unless only the deployment knows the
 * name.
 */
export function acknowledgeFolder(scope: IConstruct, namePrefix: string, reason: string): void {
  if (!Token.isUnresolved(namePrefix)) {
    const arn = folderArn(nagArnParts(Stack.of(scope)), namePrefix);
    acknowledge(scope, { id: `AwsSolutions-IAM5[Resource::${arn}]`, reason });
  }
}

/**
 * cdk-nag writes the ARN into the id of a finding, with `<AWS::Region>` for a region that is
 * unknown at synth.
 */
function nagArnParts({ partition, region, account }: ArnParts): ArnParts {
  const placeholder = (value: string, name: string): string => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  return {
    partition: placeholder(partition, 'Partition'),
    region: placeholder(region, 'Region'),
    account: placeholder(account, 'AccountId'),
  };
}

/** Sorts the values, so that their order in a configuration file does not change the template. */
export function sortedByPath<Value>(values: ReadonlyMap<string, Value>): Value[] {
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
