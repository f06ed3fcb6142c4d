import type { Aws, AwsConnection, RotatingSecret } from '../aws/aws.ts';

export interface SelectedSecret {
  /** Name or ARN as given, or the ARN of a secret that was found. */
  readonly secretId: string;
  readonly connection: AwsConnection;
  /** AWS in the account and region of the secret. */
  readonly aws: Aws;
  /** `undefined` if the secret was not read, because there was no condition to check. */
  readonly secret: RotatingSecret | undefined;
}

/** A named secret that does not meet a condition, or a secret that may meet the conditions. */
export interface SkippedSecret {
  readonly secretId: string;
  /**
   * `unknown-owner`: it is not known whether a function of this product rotates the secret.
   * `unknown-cluster`: it is not known to which cluster the secret belongs.
   */
  readonly code: 'unmet-condition' | 'unknown-owner' | 'unknown-cluster';
  readonly reason: string;
}

/** A secret that may meet the conditions, so that the command does not know its state. */
export function mayMeetConditions({ code }: SkippedSecret): boolean {
  return code !== 'unmet-condition';
}

export interface Selection {
  readonly selected: readonly SelectedSecret[];
  readonly skipped: readonly SkippedSecret[];
  /** How many secrets meet the conditions, but a function of another product rotates them. */
  readonly ofOtherProducts: number;
}
