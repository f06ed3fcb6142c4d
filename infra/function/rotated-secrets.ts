import { Lazy, Stack, Token } from 'aws-cdk-lib';
import type { CfnFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { formatRotatedSecrets, ROTATED_SECRETS, type SecretPattern } from '../../protocol/secret/rotated-secrets.ts';
import { arnResource } from './secret-names.ts';
import { sortedByPath } from './secret-permissions.ts';

/** Lambda's limit for the variables of a function, in characters. */
const MAX_ENVIRONMENT = 4096;

/**
 * The environment variable that tells the function which secrets it rotates. Complete only at
 * synthesis.
 */
export class RotatedSecrets {
  readonly value: string = Lazy.string({ produce: () => formatRotatedSecrets(this.#patterns) });
  readonly #function: LambdaFunction;
  readonly #folder: string | undefined;
  readonly #secretAccounts: readonly string[];
  /** The secrets, by construct path. */
  readonly #secrets = new Map<string, SecretPattern>();

  constructor(fn: LambdaFunction, namePrefix: string | undefined, secretAccounts: readonly string[]) {
    this.#function = fn;
    this.#secretAccounts = secretAccounts;
    this.#folder = namePrefix === undefined ? undefined : `${namePrefix}*`;
    // Set even without a secret: if the variable is absent, the function refuses no secret.
    fn.addEnvironment(ROTATED_SECRETS, this.value);
    fn.node.addValidation({ validate: () => this.#problems() });
  }

  allow(secret: ISecret): void {
    this.#secrets.set(secret.node.path, { account: this.accountOf(secret), resource: arnResource(secret) });
  }

  /**
   * The account of the secret. `undefined`: the account of the function. If the function's account
   * is unknown at synth, every account that is not in `secretAccounts` counts as that account,
   * because a pattern without an account takes a third less space.
   */
  accountOf({ env: { account } }: ISecret): string | undefined {
    const own = Stack.of(this.#function).account;
    const mayDiffer = !Token.isUnresolved(own) || Token.isUnresolved(account) || this.#secretAccounts.includes(account);
    return account !== own && mayDiffer ? account : undefined;
  }

  #problems(): string[] {
    const { environment } = this.#function.node.defaultChild as CfnFunction;
    const { variables } = Stack.of(this.#function).resolve(environment) as { variables: object };
    const { length } = JSON.stringify(variables, withTextsOnly);
    return this.#folder !== undefined || length <= MAX_ENVIRONMENT
      ? []
      : [
          `The environment has at least ${length} characters, because it names ${this.#secrets.size} secrets. Lambda allows ${MAX_ENVIRONMENT}. Give the secrets names in one folder, such as milvus/orders, and set secretNamePrefix to milvus/.`,
        ];
  }

  get #patterns(): SecretPattern[] {
    return this.#folder === undefined ? sortedByPath(this.#secrets) : [{ account: undefined, resource: this.#folder }];
  }
}

/**
 * For `JSON.stringify`: replaces an intrinsic function by the texts in it, because the rest may be
 * short.
 */
export function withTextsOnly(_key: string, value: unknown): unknown {
  const [[name = '', argument] = []] = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (name === 'Fn::Join') {
    return (argument as [string, unknown[]])[1].filter((part) => typeof part === 'string').join('');
  }
  return name === 'Ref' || name.startsWith('Fn::') ? '' : value;
}
