import type { RotatedEvent } from '../../protocol/rotation/rotated-event.ts';
import type { SecretDescription, SecretStore } from '../../protocol/secret/secret-store.ts';
import type { LogLine } from '../../telemetry/log-line.ts';
import type { InspectedFunction, Inspection } from './inspection.ts';

/** `undefined`: the AWS SDK finds the region or the profile in its usual places. */
export interface AwsConnection {
  readonly region: string | undefined;
  readonly profile: string | undefined;
  /** The role that the identity of the profile assumes. `undefined`: none. */
  readonly role?: RoleOfAccount | undefined;
}

export interface RoleOfAccount {
  /** 12 digits. */
  readonly account: string;
  /** With its path, if it has one. */
  readonly name: string;
}

export interface Aws {
  readonly rotation: RotationService;
  store(secretId: string): SecretStore;
  /**
   * The events of CloudTrail with this name in the account and region, newest first. AWS keeps 90
   * days, and allows two calls a second.
   *
   * @throws AwsError if the events are unreadable
   */
  readEvents(name: TrailEventName, period: Period): Promise<readonly TrailEvent[]>;
  /**
   * The lines of a function that begin or end a step, or name an API key, in a period, oldest
   * first.
   *
   * @param period without an end: until now
   * @param about only lines about this secret, or about this version
   * @throws AwsError if the log is unreadable
   */
  readSteps(
    functionArn: string,
    period: Pick<Period, 'since'> & Partial<Period>,
    about?: { readonly secretArn?: string; readonly versionId?: string | undefined },
  ): Promise<readonly FunctionLogLine[]>;
  /** @throws AwsError, of kind `not-found` if there is no such function */
  readFunction(functionArn: string): Promise<InspectedFunction>;
  /**
   * The text of a secret in which a deployment keeps the pins of its secrets.
   *
   * @throws SecretStoreError
   */
  pins(name: string): Promise<string>;
  /**
   * Sends the event of a rotation to the default event bus.
   *
   * @throws AwsError
   */
  sendRotated(event: RotatedEvent): Promise<void>;
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
  /** The day on which the value was last read, at midnight UTC. `undefined`: never. */
  readonly lastAccessedAt: number | undefined;
  readonly createdAt: number | undefined;
  /** Set while the secret is marked for deletion. */
  readonly deletedAt: number | undefined;
}

export interface LocatedSecret {
  readonly secret: RotatingSecret;
  readonly aws: Aws;
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
  | { kind: 'refused'; reason: 'previous-incomplete' | 'not-invocable' | 'other'; answer: string };

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
   * Sends one request. May be repeated with the same token: Secrets Manager starts one rotation
   * for each token.
   *
   * @param token 32 to 64 characters, which become the id of the new version
   */
  startRotation(secretId: string, token: string): Promise<RotationStart>;
  /**
   * Turns on rotation by a function. Until the next window, Secrets Manager only tests it.
   *
   * @param expression `rate(30 days)` or `cron(…)`
   */
  scheduleRotation(secretId: string, functionArn: string, expression: string): Promise<RotationStart>;
  /** Turns off rotation. AWSPENDING stays. */
  cancelRotation(secretId: string): Promise<void>;
  /** Deletes a secret without a recovery window. May be repeated. */
  deleteSecret(secretId: string): Promise<void>;
  /**
   * Every secret of this account and region that is not marked for deletion. A change of the last
   * five minutes may be missing.
   */
  listSecrets(): Promise<readonly RotatingSecret[]>;
}

export interface FunctionLogLine extends LogLine {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A span of time, in milliseconds since the epoch. */
export interface Period {
  readonly since: number;
  readonly until: number;
}

/** The events of CloudTrail that say who started a rotation, and how it ended. */
export const TRAIL_EVENTS = [
  'RotateSecret',
  'RotationStarted',
  'RotationSucceeded',
  'RotationFailed',
  'RotationAbandoned',
] as const;

export type TrailEventName = (typeof TRAIL_EVENTS)[number];

export interface TrailEvent {
  readonly name: TrailEventName;
  /** Milliseconds since the epoch. CloudTrail rounds to seconds. */
  readonly at: number;
  /** Name or ARN. */
  readonly secretId: string;
  /** The version that RotateSecret made. `undefined` if the event does not name it. */
  readonly versionId: string | undefined;
  /** The ARN of the caller. `undefined` for an event of Secrets Manager itself. */
  readonly principal: string | undefined;
}
