import type { Credentials } from '../../cluster/cluster.ts';
import type { CheckedLogin } from '../../cluster/login.ts';
import type { UsableCredential } from '../../credential/stored-credential.ts';
import type { CredentialForm } from '../../secret/credential-form.ts';
import type { Pins, StrategyName } from '../../secret/rotated-secrets.ts';
import type { ListedVersion, SecretDescription } from '../../secret/secret-store.ts';
import type { SentLabel } from '../../secret/versions.ts';
import type { RotationPorts } from '../ports.ts';
import type { StepOutcome } from '../progress.ts';

/** What a strategy is, for every secret. */
export interface StrategyDefinition<Name extends string = string> {
  /** The name in the configuration. */
  readonly name: Name;
  /** What the secret holds. */
  readonly form: CredentialForm;
  /** How `status` names the strategy. */
  readonly title: string;
  /**
   * Whether no rotation may start within the minimum gap after the last one, because it ends a
   * credential that applications may still use.
   */
  readonly hasMinimumGap: boolean;
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
  /** The strategy of one secret. `undefined` if the pins lack what the strategy needs. */
  fromPins(pins: Pins): RotationStrategy | undefined;
}

export interface PinProblem {
  readonly key: keyof Pins;
  readonly rule: string;
}

/** What a rotation stores in its pending version. */
export interface ChosenCredential {
  readonly username: string;
  readonly password: string;
  /** Takes the credential back if another value was stored first. */
  readonly discard?: () => Promise<void>;
  /**
   * The version whose sent label the pending version takes over, because it reuses its password.
   */
  readonly reused?: SentLabel;
}

/** What the steps of a rotation do with a credential. */
export interface CredentialSteps {
  /** The credential that createSecret stores. */
  choose(ports: RotationPorts, attempt: Attempt, current: UsableCredential): Promise<ChosenCredential>;
  /** setSecret: makes the cluster accept the pending credential. */
  activate(ports: RotationPorts, attempt: Attempt, pair: RotatedPair): Promise<StepOutcome>;
  /**
   * Ends what older versions hold, after AWSCURRENT has moved. A failure leaves the rest to the
   * next rotation.
   *
   * @param proven the version in AWSCURRENT, with which a login has just been accepted.
   */
  retire(ports: RotationPorts, attempt: Attempt, proven: UsableCredential): Promise<void>;
}

/**
 * How a rotation replaces the credential of one secret. Everything in which the strategies differ
 * is asked of these interfaces, and no other module knows what the name of a strategy means.
 */
export interface RotationStrategy
  extends CredentialSteps,
    Omit<StrategyDefinition<StrategyName>, 'mustPin' | 'pinProblems' | 'fromPins'> {
  /** The users that a version of the secret may name. Empty: any user. */
  readonly users: readonly string[];
  /**
   * The user whose password a rotation changes, with the password in AWSCURRENT. The change starts
   * from a stored version of this user, and the pending version names this user.
   */
  next(current: Credentials): Credentials;
  /** Whether a rotation of the current credential stores one of this user. */
  mayFollow(pending: Credentials, current: Credentials): boolean;
  /**
   * Whether a rotation may start now. Changes nothing. createSecret asks before it stores a
   * version, and `rotate` asks before it starts a rotation.
   *
   * @returns undefined if a rotation may start.
   */
  refuseStart(question: StartQuestion): Promise<StartRefusal | undefined>;
  /** Labels the versions that must stay findable, before setSecret sends a password. */
  keepFindable(ports: RotationPorts, attempt: Attempt, current: UsableCredential): Promise<void>;
  /** What testSecret reports after the pending credential is proven. Fails nothing. */
  compare(ports: RotationPorts, pair: RotatedPair): Promise<void>;
}

/** What a strategy needs to decide whether a rotation may start. */
export interface StartQuestion {
  readonly secret: SecretDescription;
  /** The credential in AWSCURRENT. */
  readonly current: Credentials;
  /** Of the rotation, if it is known. */
  readonly token?: string;
  readonly minimumGapMs: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  listVersions(): Promise<readonly ListedVersion[]>;
  /** Logs in with the credential in AWSCURRENT, and after a rejection once more. */
  logIn(): Promise<CheckedLogin>;
}

export interface StartRefusal {
  /** A sentence. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly possibleFrom: number;
  /** If the credential in AWSCURRENT is not `accepted` here, the refusal is not certain. */
  readonly login: Exclude<CheckedLogin, { kind: 'rejected' }>;
}

/**
 * What a step works on: the secret as its labels were when the step began, and how the step
 * replaces its credential.
 */
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

/**
 * The name of a user for a message. `undefined`: the deployment does not pin the name. It is not
 * printed before the cluster has accepted it, because it may be a password in the wrong key.
 */
export function printableUser(
  { users }: Pick<RotationStrategy, 'users'>,
  { username }: Pick<Credentials, 'username'>,
): string | undefined {
  return users.includes(username) ? username : undefined;
}

/** Whether a rotation changes the user in AWSCURRENT, and not only its password. */
export function changesUser(strategy: RotationStrategy, current: Credentials): boolean {
  return strategy.next(current).username !== current.username;
}
