import { Fn, Lazy, Stack, Token } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import {
  formatPattern,
  formatRotatedSecrets,
  formatSecretTargets,
  ROTATED_SECRETS,
  SECRET_TARGETS,
  type SecretPattern,
  type SecretTarget,
} from '../../secret/rotated-secrets.ts';
import { RotationPropsError } from '../errors.ts';
import { CheckedProps } from '../rules/checked-props.ts';
import { USERNAME } from '../rules/forms.ts';

/** The length of a name that only the deployment knows: what CloudFormation makes up, with room to spare. */
const LENGTH_OF_UNKNOWN = 100;

/**
 * What the environment of the function says of its secrets: `ROTATED_SECRETS`, which it refuses all others by, and
 * `SECRET_TARGETS`. Both are complete only at synthesis.
 */
export class SecretEnvironment {
  readonly #function: LambdaFunction;
  readonly #folder: string | undefined;
  readonly #otherAccounts: readonly string[];
  /** By construct path. */
  readonly #secrets = new Map<string, SecretPattern>();
  /** By name of the secret. */
  readonly #targets = new Map<string, SecretTarget>();

  constructor(fn: LambdaFunction, namePrefix: string | undefined, otherAccounts: readonly string[] = []) {
    this.#function = fn;
    this.#otherAccounts = otherAccounts;
    this.#folder = namePrefix === undefined ? undefined : `${namePrefix}*`;
    // Set even without a secret: if the variable is absent, the function refuses no secret.
    fn.addEnvironment(ROTATED_SECRETS, Lazy.string({ produce: () => formatRotatedSecrets(this.#patterns) }));
  }

  allow(secret: ISecret): void {
    const { account } = secret.env;
    this.#secrets.set(secret.node.path, {
      account: this.#isOther(account) ? account : undefined,
      resource: arnEnding(secret),
    });
  }

  /** @throws RotationPropsError when nobody knows at synth what the secret is called, or for a user that no cluster has. */
  pin(scope: IConstruct, secret: ISecret, target: SecretTarget): void {
    new CheckedProps(scope).form('username', target.username, USERNAME);
    if (Token.isUnresolved(secret.secretName)) {
      throw new RotationPropsError(
        scope,
        'endpoint and username of an existing secret are kept by its name, and the name of this one is known at deployment only. Import the secret by name or by full ARN, or write endpoint and username into its value.',
      );
    }
    if (this.#targets.size === 0) {
      this.#function.addEnvironment(SECRET_TARGETS, Lazy.string({ produce: () => this.#secretTargets }));
    }
    this.#targets.set(secret.secretName, target);
  }

  /** Characters of both variables, their names included. */
  get size(): number {
    const patterns = this.#patterns.map(formatPattern);
    const lengths = patterns.map((pattern) => (Token.isUnresolved(pattern) ? LENGTH_OF_UNKNOWN : pattern.length));
    const sizeOfRotated = lengths.reduce((sum, length) => sum + length + 1, ROTATED_SECRETS.length);
    const targets = this.#secretTargets;
    return sizeOfRotated + (targets === undefined ? 0 : SECRET_TARGETS.length + targets.length);
  }

  /**
   * Where synth does not know the account of the function, one that may not invoke it is taken for its own: naming it would cost a third of
   * the secrets that fit, and change nothing.
   */
  #isOther(account: string): boolean {
    const own = Stack.of(this.#function).account;
    const mayDiffer = !Token.isUnresolved(own) || Token.isUnresolved(account) || this.#otherAccounts.includes(account);
    return account !== own && mayDiffer;
  }

  get #patterns(): SecretPattern[] {
    return this.#folder === undefined
      ? byKey(this.#secrets).map(([, pattern]) => pattern)
      : [{ account: undefined, resource: this.#folder }];
  }

  get #secretTargets(): string | undefined {
    return this.#targets.size === 0 ? undefined : formatSecretTargets(Object.fromEntries(byKey(this.#targets)));
  }
}

/** What follows `secret:` in the ARN; six question marks for the characters that nobody knows, as in the role's policy. */
function arnEnding(secret: ISecret): string {
  const { secretFullArn, secretName } = secret;
  if (secretFullArn === undefined) {
    return `${secretName}-??????`;
  }
  return Token.isUnresolved(secretFullArn)
    ? Fn.select(6, Fn.split(':', secretFullArn))
    : secretFullArn.split(':').slice(6).join(':');
}

/** By key and not by age: whoever sorts a configuration file should see an empty `cdk diff`. */
function byKey<Value>(entries: ReadonlyMap<string, Value>): [string, Value][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
