import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { alphabetOf, DEFAULT_PASSWORD_POLICY, PasswordPolicyError } from '../../cluster/password-policy.ts';
import { isRotationStrategy, type RotationStrategy } from '../../secret/rotation-strategy.ts';
import { RotationPropsError } from '../errors.ts';

/** What the function may do, and how: the part of its props that it reads at run time. */
export interface RotationRulesProps {
  /**
   * How a password is replaced, in AWS's words. With `single-user`, the user of a secret changes its own password, and the
   * former password ends with that: a client reads the secret again on UNAUTHENTICATED. There is no second user to keep.
   *
   * @default 'single-user' - the only one there is; docs/decisions/0207-one-strategy.md says why
   */
  readonly strategy?: RotationStrategy;

  /**
   * Hosts that a password may be sent to: `milvus.example.com` for one host, `.example.com` for all below a domain.
   * A secret that names another host is refused before any connection.
   *
   * @default - the domains of Zilliz Cloud: `.zillizcloud.com` and `.zilliz.com.cn`
   */
  readonly allowedEndpoints?: readonly string[];

  /**
   * Endpoint for secrets that are a plain `user:password` and have no tag `zilliz:endpoint`: `https://host[:port]`.
   *
   * @default - none; such a secret needs the tag
   */
  readonly clusterEndpoint?: string;

  /**
   * Lets passwords travel to `http://` endpoints in plain text. Only for a network that is wholly yours.
   *
   * @default false
   */
  readonly allowPlaintext?: boolean;

  /**
   * Certificate of the private authority that signed the cluster's, as PEM text. At most about 3,500 characters: it
   * travels in the function's environment, which Lambda limits to 4 KB.
   *
   * @default - the public authorities that Node trusts
   */
  readonly certificateAuthority?: string;

  /**
   * Characters in a generated password: 8 to 64.
   *
   * @default 40
   */
  readonly passwordLength?: number;

  /**
   * Characters that a generated password must not hold, beside those never used (quotes, slashes, `$`, `:` and other
   * characters that need escaping).
   *
   * @default - none
   */
  readonly passwordExcludeCharacters?: string;
}

/**
 * Lambda's limit for all variables together, names included.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const ENVIRONMENT_LIMIT = 4096;

/** The environment that `lambda/config.ts` reads. What is not given is left out, so that the function's own default holds. */
export function functionEnvironment(scope: IConstruct, props: RotationRulesProps): Record<string, string> {
  checkStrategy(scope, props.strategy);
  checkPasswords(scope, props);
  return {
    ...(props.strategy !== undefined && { ROTATION_STRATEGY: props.strategy }),
    ...(props.allowedEndpoints && { ALLOWED_ENDPOINTS: props.allowedEndpoints.join(',') }),
    ...(props.clusterEndpoint !== undefined && { CLUSTER_ENDPOINT: props.clusterEndpoint }),
    ...(props.allowPlaintext && { ALLOW_PLAINTEXT: 'true' }),
    ...(props.certificateAuthority !== undefined && { CLUSTER_CA: props.certificateAuthority }),
    ...(props.passwordLength !== undefined && { PASSWORD_LENGTH: String(props.passwordLength) }),
    ...(props.passwordExcludeCharacters !== undefined && {
      PASSWORD_EXCLUDE_CHARACTERS: props.passwordExcludeCharacters,
    }),
  };
}

/** @param ofSecrets how many more characters the secrets of the function take: complete only at synthesis. */
export function environmentProblem(environment: Record<string, string>, ofSecrets: number): string | undefined {
  const ofRules = Object.entries(environment).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  const size = ofRules + ofSecrets;
  return size > ENVIRONMENT_LIMIT
    ? `The function's environment would be ${size} characters, and Lambda allows ${ENVIRONMENT_LIMIT}: ${ofRules} for its rules and ${ofSecrets} for its secrets. Give the one certificate that signed the cluster's, not a whole bundle; allow domains (.example.com) instead of single hosts; begin the names of secrets with one folder and give it as secretNamePrefix; and write an endpoint into the value of its secret or into the tag zilliz:endpoint instead of here.`
    : undefined;
}

/** Of those who write JavaScript, or come from AWS's templates. */
function checkStrategy(scope: IConstruct, strategy: string | undefined): void {
  if (strategy !== undefined && !isRotationStrategy(strategy)) {
    throw new RotationPropsError(
      scope,
      `The strategy "${strategy}" is unknown here. Give single-user, or leave it out: docs/decisions/0207-one-strategy.md says why there is one.`,
    );
  }
}

function checkPasswords(scope: IConstruct, props: RotationRulesProps): void {
  const length = props.passwordLength ?? DEFAULT_PASSWORD_POLICY.length;
  const excludeCharacters = props.passwordExcludeCharacters ?? DEFAULT_PASSWORD_POLICY.excludeCharacters;
  if (Token.isUnresolved(length) || Token.isUnresolved(excludeCharacters)) {
    return;
  }
  try {
    alphabetOf({ length, excludeCharacters });
  } catch (error) {
    throw error instanceof PasswordPolicyError ? new RotationPropsError(scope, error.message) : error;
  }
}
