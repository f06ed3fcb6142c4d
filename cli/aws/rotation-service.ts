import type { SecretDescription } from '../../secret/store.ts';

/** DescribeSecret, with what an operator asks about. Times are milliseconds since the epoch. */
export interface RotatingSecret extends SecretDescription {
  /** `undefined` when rotation was never configured; stays set when it is cancelled. */
  readonly rotationFunctionArn: string | undefined;
  /** `rate(30 days)`, `cron(…)`, or `undefined` without a schedule. */
  readonly schedule: string | undefined;
  readonly lastRotatedAt: number | undefined;
  readonly nextRotationAt: number | undefined;
  /** Set while the secret waits for its deletion. */
  readonly deletedAt: number | undefined;
}

/**
 * - `previous-incomplete`: AWSPENDING sits on a version other than AWSCURRENT.
 * - `not-invocable`: Secrets Manager may not invoke the function, or the function is gone.
 */
export type RotationStart =
  | { kind: 'started' }
  | { kind: 'refused'; reason: 'previous-incomplete' | 'not-configured' | 'not-invocable' | 'other'; answer: string };

/**
 * Starting rotations and looking at them. Port: what Secrets Manager answers is a value; only a Secrets Manager that
 * could not be asked, or refused the caller, is an exception, of class AwsError.
 *
 * `rotate` may be repeated with the same token: Secrets Manager starts one rotation for it. A start says nothing about
 * success; the four steps run later.
 */
export interface RotationService {
  describe(secretId: string): Promise<RotatingSecret>;
  /** @param token becomes the VersionId of the new version, a UUID. */
  rotate(secretId: string, token: string): Promise<RotationStart>;
  /** The ARNs of all secrets, in this account and region, that a function rotates; the function by name or ARN. */
  rotatedBy(functionId: string): Promise<readonly string[]>;
}
