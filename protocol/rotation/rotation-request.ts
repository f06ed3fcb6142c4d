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
