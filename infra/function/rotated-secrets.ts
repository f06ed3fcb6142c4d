import { Lazy, Stack, Token } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { formatRotatedSecrets, ROTATION_ACTIONS } from '../../protocol/secret/rotated-secrets.ts';
import { customerManagedKey, KEY_ACTIONS, viaSecretsManager } from './customer-managed-key.ts';
import { deployedJson, shortest } from './deployed-json.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import { acknowledgeFolder, arnPattern, arnResource, folderArn, sortedByPath } from './secret-names.ts';

/** Lambda's limit for the variables of a function, in characters. */
const MAX_ENVIRONMENT = 4096;

/**
 * The secrets that a function rotates, in the policy of its role and in its environment: one
 * statement for all secrets, and one for each customer managed key. With a name prefix, neither
 * grows with the number of secrets.
 */
export class RotatedSecrets {
  /** The value of `ROTATED_SECRETS`. Complete only at synthesis. */
  readonly value: string = Lazy.string({ produce: () => this.#value });
  readonly #role: IRole;
  readonly #stack: Stack;
  readonly #props: RotationFunctionProps;
  /** ARN pattern of all secrets under the name prefix. */
  readonly #folder: string | undefined;
  /** By construct path. */
  readonly #secrets = new Map<string, ISecret>();
  /** The secrets under each customer managed key, by the ARN of the key and the construct path. */
  readonly #keys = new Map<string, Map<string, ISecret>>();

  constructor(role: IRole, stack: Stack, props: RotationFunctionProps) {
    this.#role = role;
    this.#stack = stack;
    this.#props = props;
    const { secretNamePrefix, secretKeys = [] } = props;
    if (secretNamePrefix !== undefined) {
      this.#folder = folderArn(Stack.of(role), secretNamePrefix);
      this.#addStatement(ROTATION_ACTIONS, [this.#folder]);
      acknowledgeFolder(
        role,
        secretNamePrefix,
        'The function rotates all secrets under this name prefix. The policies of a role are too small for a statement for each of thousands of secrets.',
      );
      for (const key of secretKeys) {
        this.#secretsUnder(customerManagedKey(role, key));
      }
    }
  }

  allow(secret: ISecret, encryptionKey: IKey | undefined): void {
    if (this.#secrets.size === 0 && this.#folder === undefined) {
      this.#addStatement(ROTATION_ACTIONS, Lazy.list({ produce: () => this.#arnsOf(this.#secrets) }));
    }
    const { path } = secret.node;
    this.#secrets.set(path, secret);
    this.#secretsUnder(encryptionKey && customerManagedKey(secret, encryptionKey))?.set(path, secret);
  }

  /** The ARN patterns without the wildcards at their end. Complete only at synthesis. */
  get arnPrefixes(): string[] {
    return this.#arnsOf(this.#secrets).map((arn) => arn.replace(/[?*]+$/, ''));
  }

  /**
   * The account of the secret. `undefined`: the account of the function. If the function's account
   * is unknown at synth, every account that is not in `secretAccounts` counts as that account,
   * because a pattern without an account takes a third less space.
   */
  accountOf({ env: { account } }: ISecret): string | undefined {
    const { account: own } = this.#stack;
    const { secretAccounts = [] } = this.#props;
    const mayDiffer = !Token.isUnresolved(own) || Token.isUnresolved(account) || secretAccounts.includes(account);
    return account !== own && mayDiffer ? account : undefined;
  }

  /** Whether the names of the secrets fit into the environment. Final only at synthesis. */
  problemsIn(fn: LambdaFunction): string[] {
    const { environment } = fn.node.defaultChild as CfnFunction;
    const { variables } = this.#stack.resolve(environment) as { variables: object };
    const { length } = deployedJson(variables, shortest);
    return this.#folder !== undefined || length <= MAX_ENVIRONMENT
      ? []
      : [
          `The environment has at least ${length} characters, because it names ${this.#secrets.size} secrets. Lambda allows ${MAX_ENVIRONMENT}. Give the secrets names in one folder, such as milvus/orders, and set secretNamePrefix to milvus/.`,
        ];
  }

  get #value(): string {
    const { secretNamePrefix } = this.#props;
    if (secretNamePrefix !== undefined) {
      return formatRotatedSecrets([{ account: undefined, resource: `${secretNamePrefix}*` }]);
    }
    const secrets = sortedByPath(this.#secrets);
    return formatRotatedSecrets(
      secrets.map((secret) => ({ account: this.accountOf(secret), resource: arnResource(secret) })),
    );
  }

  #arnsOf(secrets: ReadonlyMap<string, ISecret>): string[] {
    return this.#folder === undefined ? sortedByPath(secrets).map(arnPattern) : [this.#folder];
  }

  /** Allows the role to use the key for the secrets in the result. */
  #secretsUnder(key: IKey | undefined): Map<string, ISecret> | undefined {
    if (key && !this.#keys.has(key.keyArn)) {
      const secrets = new Map<string, ISecret>();
      this.#keys.set(key.keyArn, secrets);
      const arns = Lazy.list({ produce: () => this.#arnsOf(secrets) });
      this.#addStatement(KEY_ACTIONS, [key.keyArn], viaSecretsManager(arns));
    }
    return key && this.#keys.get(key.keyArn);
  }

  #addStatement(actions: readonly string[], resources: string[], conditions: Record<string, unknown> = {}): void {
    this.#role.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources, conditions }));
  }
}
