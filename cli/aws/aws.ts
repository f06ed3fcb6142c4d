import type { SecretDescription, SecretStore } from '../../secret/store.ts';
import type { LogLine } from '../../telemetry/log-line.ts';
import type { Inspection } from './inspection.ts';

/** `undefined`: the AWS SDK finds the region or the profile in its usual places. */
export interface AwsConnection {
  readonly region: string | undefined;
  readonly profile: string | undefined;
}

/** AWS in one account and region. */
export interface Aws {
  readonly rotation: RotationService;
  store(secretId: string): SecretStore;
  functionLog(functionArn: string): FunctionLog;
  /**
   * The environment variables of a Lambda function.
   *
   * @throws AwsError
   */
  functionEnvironment(functionArn: string): Promise<Readonly<Record<string, string>>>;
  /** The readers of everything around a secret. */
  inspect(): Promise<Inspection>;
}

export interface NewSecret {
  readonly name: string;
  /** A UUID. */
  readonly versionId: string;
  readonly value: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * A secret in the answer of DescribeSecret or ListSecrets. Times are milliseconds since the epoch.
 */
export interface RotatingSecret extends SecretDescription {
  /** `undefined` if rotation was never configured. CancelRotateSecret keeps it. */
  readonly rotationFunctionArn: string | undefined;
  /** `rate(30 days)` or `cron(…)`. `undefined` without a schedule. */
  readonly schedule: string | undefined;
  readonly nextRotationAt: number | undefined;
  /** The key of the secret. `undefined`: the key of AWS for Secrets Manager. */
  readonly kmsKeyId: string | undefined;
  /** Length of the rotation window: `2h`. */
  readonly window: string | undefined;
  readonly createdAt: number | undefined;
  /** Of the value, the labels or the settings of the secret. */
  readonly lastChangedAt: number | undefined;
  /** Set while the secret is marked for deletion. */
  readonly deletedAt: number | undefined;
}

/**
 * The answer of RotateSecret. `started` says nothing about success, because the four steps run
 * later.
 *
 * - `previous-incomplete`: AWSPENDING is on a version other than AWSCURRENT.
 * - `not-invocable`: Secrets Manager may not invoke the function, or the function does not exist.
 */
export type RotationStart =
  | { kind: 'started' }
  | { kind: 'refused'; reason: 'previous-incomplete' | 'not-configured' | 'not-invocable' | 'other'; answer: string };

/**
 * Secrets and their rotations in Secrets Manager. Port: what Secrets Manager answers is a value.
 * If Secrets Manager gives no answer or refuses the caller, that is an exception, of class
 * AwsError.
 */
export interface RotationService {
  describeSecret(secretId: string): Promise<RotatingSecret>;
  /**
   * Creates a secret whose value has AWSCURRENT. May be repeated with the same version and value.
   *
   * @returns `exists` if there is another secret with this name
   */
  createSecret(secret: NewSecret): Promise<'created' | 'exists'>;
  /**
   * May be repeated with the same token: Secrets Manager starts one rotation for each token.
   *
   * @param token 32 to 64 characters, which become the id of the new version
   */
  startRotation(secretId: string, token: string): Promise<RotationStart>;
  /**
   * Every secret of this account and region that is not marked for deletion. A change of the last
   * five minutes may be missing.
   */
  listSecrets(): Promise<readonly RotatingSecret[]>;
}

/** A line that the rotation function logged about one version. */
export interface FunctionLogLine extends LogLine {
  /** An id that is unique in the log of a function. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The log of a rotation function. Port: an unreadable log is an exception, of class AwsError. */
export interface FunctionLog {
  /**
   * The lines about one version, oldest first.
   *
   * @param since milliseconds since the epoch. Older lines may be missing.
   */
  readLines(versionId: string, since: number): Promise<readonly FunctionLogLine[]>;
}

/** The region in an ARN. `undefined` for a name. */
export function regionOf(secretId: string): string | undefined {
  return /^arn:[^:]+:secretsmanager:([a-z0-9-]+):/.exec(secretId)?.[1];
}
