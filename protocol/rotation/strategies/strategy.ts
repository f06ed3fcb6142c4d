import type { Credentials } from '../../cluster/cluster.ts';
import type { UsableCredential } from '../../credential/stored-credential.ts';
import type { CredentialForm } from '../../secret/credential-form.ts';
import { type Pins, type StrategyName, usersOf } from '../../secret/rotated-secrets.ts';
import type { ListedVersion, SecretDescription } from '../../secret/secret-store.ts';
import type { SentLabel } from '../../secret/versions.ts';
import type { RotationPorts } from '../ports.ts';
import type { StepOutcome } from '../progress.ts';

/**
 * How rotations replace a credential: everything in which the strategies differ. No other module
 * compares the name of a strategy.
 */
export interface Strategy {
  /** The name in the configuration. */
  readonly name: StrategyName;
  /** What the secret holds. */
  readonly form: CredentialForm;
  /** How `status` names the strategy. */
  readonly title: string;
  /** Whether a replaced credential stays valid for the minimum gap, at least. */
  readonly keepsReplaced: boolean;
  /** Whether a token of {@link revocationToken} makes a rotation end the credential it replaces. */
  readonly canRevoke: boolean;
  /** Whether a rotation asks the control plane, with the key in the manager secret. */
  readonly needsManager: boolean;
  /** Whether the deployment must pin endpoint and users of each secret. */
  readonly mustPin: boolean;
  /** What is wrong with the users of a secret in the configuration. */
  pinProblems(pins: Pins, isNew: boolean): readonly PinProblem[];
  /** Whether the pins of a deployed secret have what a rotation needs. */
  canUse(pins: Pins): boolean;
  /** The user whose password a rotation changes, with the password in AWSCURRENT. */
  next(current: Credentials, pins: Pins): Credentials;
  /** Whether a rotation of the current credential stores one of this user. */
  mayFollow(pending: Credentials, current: Credentials, pins: Pins): boolean;
  /**
   * Refuses a rotation within the minimum gap after the last one, because it ends a credential
   * that applications may still use. Changes nothing. createSecret asks before it stores a version,
   * and `rotate` asks before it starts a rotation.
   *
   * @returns undefined if a rotation may start.
   * @default every rotation may
   */
  refuseStart?(question: StartQuestion): Promise<StartRefusal | undefined>;
  /** The credential that createSecret stores. */
  choose(ports: RotationPorts, attempt: Attempt): Promise<ChosenCredential>;
  /** setSecret: makes the cluster accept the pending credential. */
  activate(ports: RotationPorts, attempt: PendingAttempt): Promise<StepOutcome>;
  /** What testSecret reports about a proven pending credential. Fails nothing. @default nothing */
  compare?(ports: RotationPorts, attempt: PendingAttempt): Promise<void>;
  /**
   * Ends what older versions hold, after AWSCURRENT has moved. A failure leaves the rest to the
   * next rotation.
   *
   * @param proven the version in AWSCURRENT, with which a login has just been accepted.
   */
  retire(ports: RotationPorts, attempt: Attempt, proven: UsableCredential): Promise<void>;
}

export interface PinProblem {
  readonly key: keyof Pins;
  readonly rule: string;
}

export interface ChosenCredential {
  readonly username: string;
  readonly password: string;
  /** Takes the credential back if another value was stored first. */
  readonly discard?: () => Promise<void>;
  /** The version whose password the pending version reuses, and whose sent label it takes over. */
  readonly reused?: SentLabel;
}

export interface StartQuestion {
  readonly secret: SecretDescription;
  /** Of the rotation, if it is known. */
  readonly token?: string | undefined;
  readonly minimumGapMs: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  listVersions(): Promise<readonly ListedVersion[]>;
  /** Whether the cluster accepts the credential in AWSCURRENT, and rejects a wrong one. */
  isAccepted(): Promise<boolean>;
}

export interface StartRefusal {
  /** A sentence. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly possibleFrom: number;
}

/** What a step works on. */
export interface Attempt {
  /** As the labels were when the step began. */
  readonly description: SecretDescription;
  /** The version in AWSCURRENT. */
  readonly current: UsableCredential;
  /** The version that holds AWSPENDING. */
  readonly token: string;
  /** The endpoint and users that the deployment pins for the secret. Empty if it pins none. */
  readonly pins: Pins;
  readonly strategy: Strategy;
}

/** An attempt from setSecret on: the pending version holds a value. */
export interface PendingAttempt extends Attempt {
  readonly pending: UsableCredential;
}

/**
 * The name of a user for a message. `undefined`: the deployment does not pin the name, so it may be
 * a password in the wrong key until the cluster has accepted it.
 */
export function printableUser(pins: Pins, { username }: Credentials): string | undefined {
  return usersOf(pins).includes(username) ? username : undefined;
}

/** Whether a rotation changes the user in AWSCURRENT, and not only its password. */
export function changesUser(strategy: Strategy, pins: Pins, current: Credentials): boolean {
  return strategy.next(current, pins).username !== current.username;
}
