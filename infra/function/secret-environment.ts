import { Lazy, Stack, Token } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import {
  formatRotatedSecrets,
  formatSecretTargets,
  ROTATED_SECRETS,
  SECRET_TARGETS,
  type SecretPattern,
  type SecretTarget,
  targetKeyOfArn,
  targetKeyOfName,
  usersOf,
} from '../../protocol/secret/rotated-secrets.ts';
import { RotationPropsError, refuseProp } from '../rules/check-props.ts';
import { pinProblems } from '../rules/strategy-rules.ts';
import { arnResource, nameOf } from './secret-names.ts';
import { sortedByPath } from './secret-permissions.ts';

/**
 * The environment variables that tell the function which secrets it rotates, `ROTATED_SECRETS` and
 * `SECRET_TARGETS`. Complete only at synthesis.
 */
export class SecretEnvironment {
  readonly rotatedSecrets: string = Lazy.string({ produce: () => formatRotatedSecrets(this.#patterns) });
  readonly #function: LambdaFunction;
  readonly #folder: string | undefined;
  readonly #secretAccounts: readonly string[];
  /** The secrets, by construct path. */
  readonly #secrets = new Map<string, SecretPattern>();
  /** The pins, by construct path. The first part of a pin is a key of `SecretTargets`. */
  readonly #pins = new Map<string, readonly [key: string, target: SecretTarget]>();

  constructor(fn: LambdaFunction, namePrefix: string | undefined, secretAccounts: readonly string[]) {
    this.#function = fn;
    this.#secretAccounts = secretAccounts;
    this.#folder = namePrefix === undefined ? undefined : `${namePrefix}*`;
    // Set even without a secret: if the variable is absent, the function refuses no secret.
    fn.addEnvironment(ROTATED_SECRETS, this.rotatedSecrets);
  }

  allow(secret: ISecret): void {
    this.#secrets.set(secret.node.path, { account: this.#accountOf(secret), resource: arnResource(secret) });
  }

  /**
   * @throws RotationPropsError if the users do not fit each other, or if the name of the secret is
   * unknown at synth.
   */
  pinExisting(scope: IConstruct, secret: ISecret, target: SecretTarget): void {
    const [problem] = pinProblems(target);
    if (problem) {
      refuseProp(scope, [problem.key], target[problem.key], problem.rule);
    }
    if (Token.isUnresolved(nameOf(secret))) {
      throw new RotationPropsError(
        scope,
        'The function finds the endpoint and username of an existing secret by its name, and the name of this ' +
          'secret is unknown at synth. Import the secret by name or by full ARN, or write endpoint and username ' +
          'into its value.',
      );
    }
    this.pin(secret, target);
  }

  /** Pins a secret by its name, or by the end of its ARN if its name is unknown at synth. */
  pin(secret: ISecret, target: SecretTarget): void {
    if (this.#pins.size === 0) {
      this.#function.addEnvironment(SECRET_TARGETS, Lazy.string({ produce: () => this.#secretTargets }));
    }
    const name = nameOf(secret);
    const account = this.#accountOf(secret);
    const key = Token.isUnresolved(name)
      ? targetKeyOfArn(arnResource(secret), account)
      : targetKeyOfName(name, account);
    this.#pins.set(secret.node.path, [key, target]);
  }

  /**
   * Whether at least one secret is pinned to its endpoint and users. Final only at synthesis,
   * after every secret was added.
   */
  get hasCompletePin(): boolean {
    return [...this.#pins.values()].some(([, target]) => target.endpoint !== undefined && usersOf(target).length > 0);
  }

  /** The variables of all secrets. Final only at synthesis, after every secret was added. */
  get variables(): Record<string, string> {
    return {
      [ROTATED_SECRETS]: this.rotatedSecrets,
      ...(this.#pins.size > 0 && { [SECRET_TARGETS]: this.#secretTargets }),
    };
  }

  /**
   * The account of the secret. `undefined`: the account of the function. If the function's account
   * is unknown at synth, every account that is not in `secretAccounts` counts as that account,
   * because a pattern without an account takes a third less space.
   */
  #accountOf({ env: { account } }: ISecret): string | undefined {
    const own = Stack.of(this.#function).account;
    const mayDiffer = !Token.isUnresolved(own) || Token.isUnresolved(account) || this.#secretAccounts.includes(account);
    return account !== own && mayDiffer ? account : undefined;
  }

  get #patterns(): SecretPattern[] {
    return this.#folder === undefined ? sortedByPath(this.#secrets) : [{ account: undefined, resource: this.#folder }];
  }

  get #secretTargets(): string {
    return formatSecretTargets(Object.fromEntries(sortedByPath(this.#pins)));
  }
}
