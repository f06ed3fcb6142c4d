import type { Credentials } from '../cluster/cluster.ts';
import type { SecretTarget } from '../secret/rotated-secrets.ts';
import type { StrategyName } from '../secret/rotation-strategy.ts';
import { isSameUser, type UsableCredential } from './stored-credential.ts';

/** What differs between the strategies. */
export interface RotationStrategy {
  readonly name: StrategyName;
  /**
   * The user whose password a rotation changes. The change starts from a stored version of this
   * user, and the pending version holds the new password of this user.
   *
   * @param currentUser the user in AWSCURRENT.
   */
  rotatedUser(currentUser: string): string;
}

const SINGLE_USER: RotationStrategy = {
  name: 'single-user',
  rotatedUser: (currentUser) => currentUser,
};

function alternatingUsers([first, second]: readonly [string, string]): RotationStrategy {
  return {
    name: 'alternating-users',
    rotatedUser: (currentUser) => (currentUser === first ? second : first),
  };
}

/** The strategy that the deployment pins for a secret, with its two users. */
export function strategyOf({ usernames }: SecretTarget): RotationStrategy {
  return usernames === undefined ? SINGLE_USER : alternatingUsers(usernames);
}

/**
 * Whether the credential in AWSCURRENT stays valid after the rotation, and must stay findable for
 * the rotation after that.
 */
export function keepsCurrentValid(strategy: RotationStrategy, { username }: Credentials): boolean {
  return strategy.rotatedUser(username) !== username;
}

/** The current credential, but for the user whose password a rotation changes. */
export function rotatedCredentials(strategy: RotationStrategy, current: Credentials): Credentials {
  return { ...current, username: strategy.rotatedUser(current.username) };
}

/** The text of a pending version with this password. */
export function pendingText(strategy: RotationStrategy, current: UsableCredential, password: string): string {
  return current.withCredential({ username: strategy.rotatedUser(current.credentials.username), password });
}

/**
 * The start of a ClientRequestToken with which a person rotates although the minimum gap has not
 * passed, because a credential leaked. RotateSecret takes 32 to 64 characters.
 */
const WITHOUT_GAP = 'without-gap-';

/** @param id a UUID */
export function tokenWithoutGap(id: string): string {
  return `${WITHOUT_GAP}${id}`;
}

export function rotatesWithoutGap(token: string): boolean {
  return token.startsWith(WITHOUT_GAP);
}

/**
 * How a pending version relates to the current one.
 *
 * - `next`: what a rotation of the current version stores.
 * - `current`: the credential of the current version. Secrets Manager tests the function with such
 *   a copy when a schedule is configured.
 * - `edited`: for the user of this rotation, but another key differs.
 * - `foreign`: for another host or user.
 */
export type PendingRelation = 'next' | 'current' | 'edited' | 'foreign';

export function relationOfPending(
  strategy: RotationStrategy,
  current: UsableCredential,
  pending: UsableCredential,
): PendingRelation {
  if (pending.withCredential({ password: '' }) === pendingText(strategy, current, '')) {
    const isNext = pending.credentials.endpoint.url === current.credentials.endpoint.url;
    return isNext ? 'next' : 'foreign';
  }
  const { password } = current.credentials;
  if (isSameUser(pending.credentials, current.credentials) && pending.credentials.password === password) {
    return pending.withCredential({ password }) === current.withCredential({ password }) ? 'current' : 'edited';
  }
  return isSameUser(pending.credentials, rotatedCredentials(strategy, current.credentials)) ? 'edited' : 'foreign';
}
