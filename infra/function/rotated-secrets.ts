import { Lazy, Stack, Token } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { formatRotatedSecrets, ROTATED_SECRETS, type SecretPattern } from '../../protocol/secret/rotated-secrets.ts';
import { arnResource } from './secret-names.ts';
import { sortedByPath } from './secret-permissions.ts';

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

  get #patterns(): SecretPattern[] {
    return this.#folder === undefined ? sortedByPath(this.#secrets) : [{ account: undefined, resource: this.#folder }];
  }
}
