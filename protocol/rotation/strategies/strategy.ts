import type { Credentials } from '../../cluster/cluster.ts';
import type { UsableCredential } from '../../credential/stored-credential.ts';
import type { Attempt, RotatedPair } from '../attempt.ts';
import type { RotationPorts } from '../ports.ts';
import type { StrategyName } from './strategies.ts';

/**
 * How a rotation replaces the credential of one secret. Everything in which the strategies differ
 * is asked of this interface, and no other module knows a strategy by its name.
 */
export interface RotationStrategy {
  readonly name: StrategyName;
  /** How `status` names the strategy. */
  readonly title: string;
  /** The users that a version of the secret may name. Empty: any user. */
  readonly users: readonly string[];
  /**
   * Whether the credential in AWSCURRENT is accepted until the rotation after this one, and must
   * stay findable for it.
   */
  readonly keepsCurrent: boolean;
  /**
   * The user whose password a rotation changes, with the password in AWSCURRENT. The change starts
   * from a stored version of this user, and the pending version names this user.
   */
  next(current: Credentials): Credentials;
  /**
   * Called before createSecret stores a version.
   *
   * @throws RotationError if the rotation must not start now.
   */
  requireStart(ports: RotationPorts, attempt: Attempt, current: UsableCredential): Promise<void>;
  /** Labels the versions that must stay findable, before setSecret sends a password. */
  keepFindable(ports: RotationPorts, attempt: Attempt, current: UsableCredential): Promise<void>;
  /** What testSecret reports after the pending credential is proven. Fails nothing. */
  compare(ports: RotationPorts, pair: RotatedPair): Promise<void>;
}

/** The text of a pending version with this password. */
export function pendingText(strategy: RotationStrategy, current: UsableCredential, password: string): string {
  return current.withCredential({ username: strategy.next(current.credentials).username, password });
}
