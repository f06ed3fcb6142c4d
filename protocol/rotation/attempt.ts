import type { UsableCredential } from '../credential/stored-credential.ts';
import type { SecretDescription } from '../secret/secret-store.ts';
import type { RotationStrategy } from './strategies/strategy.ts';

/**
 * The four steps of a rotation, spelled as Secrets Manager sends them. One page of AWS's
 * documentation prints `create_secret`.
 */
export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

export type Step = (typeof STEPS)[number];

/**
 * What Secrets Manager asks of a rotation function.
 * @see
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export interface RotationRequest {
  readonly step: Step;
  /** ARN of the secret. */
  readonly secretId: string;
  /** Id of the version that this rotation makes. */
  readonly token: string;
  /** Set if the secret belongs to another account. PutSecretValue must send this token back. */
  readonly rotationToken: string | undefined;
}

/** What a step works on: the secret as its labels were when the step began. */
export interface Attempt {
  readonly description: SecretDescription;
  /** The version that holds AWSCURRENT. */
  readonly currentId: string;
  /** The version that holds AWSPENDING. */
  readonly token: string;
  readonly strategy: RotationStrategy;
}

/**
 * The versions that every step after createSecret compares. Both name the same endpoint, and the
 * strategy allows the users.
 */
export interface RotatedPair {
  readonly current: UsableCredential;
  readonly pending: UsableCredential;
}
