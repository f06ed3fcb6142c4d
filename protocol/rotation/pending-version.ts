import { differsInCredentialOnly, isSameUser } from '../credential/stored-credential.ts';
import { formOf } from '../secret/credential-form.ts';
import type { SecretDescription } from '../secret/secret-store.ts';
import { AWSPENDING, hasSentLabel, sentLabelOf } from '../secret/versions.ts';
import { RotationError } from './errors.ts';
import type { RotationPorts } from './ports.ts';
import { preflight } from './preflight.ts';
import { type Attempt, changesUser, type PendingAttempt, printableUser } from './strategies/strategy.ts';

/**
 * How a pending version relates to the current one.
 *
 * - `next`: what a rotation of the current version stores.
 * - `current`: the credential of the current version. Secrets Manager tests the function with such
 *   a copy when a schedule is configured. ASSUMPTION sm-test-of-schedule
 * - `same-user`: a new password for the user in AWSCURRENT, although it is the turn of another
 *   user. A rotation stored it before a deployment changed the strategy, or a person stored it.
 * - `edited`: for the user of this rotation, but another key differs.
 * - `foreign`: for another host or user.
 */
export type PendingRelation = 'next' | 'current' | 'same-user' | 'edited' | 'foreign';

export function relationOfPending({
  current,
  pins,
  strategy,
  pending,
}: Pick<PendingAttempt, 'current' | 'pins' | 'strategy' | 'pending'>): PendingRelation {
  const isSameCluster = pending.credentials.endpoint.url === current.credentials.endpoint.url;
  const mayFollow = isSameCluster && strategy.mayFollow(pending.credentials, current.credentials, pins);
  const isEdited = !differsInCredentialOnly(pending, current);
  if (mayFollow && !isEdited) {
    return 'next';
  }
  if (isSameUser(pending.credentials, current.credentials)) {
    const isCopy = pending.credentials.password === current.credentials.password;
    return isEdited ? 'edited' : isCopy ? 'current' : 'same-user';
  }
  return mayFollow ? 'edited' : 'foreign';
}

/**
 * Requires that the pending version differs from the current one in the credential only, and holds
 * the user whose turn it is. If a deployment changed the strategy during the rotation of a single
 * user, the cluster may accept only the pending password, so that rotation continues.
 *
 * If this function made the pending version, AWSCURRENT moved during the rotation: to an edit, or
 * to the version whose password the pending one reuses. AWSCURRENT wins: AWSPENDING is removed, so
 * that the next rotation starts from AWSCURRENT. The sent label stays.
 * ASSUMPTION sm-write-of-person
 *
 * @throws RotationError CURRENT_MOVED after AWSPENDING was removed. PENDING_MISMATCH if somebody
 * else stored a pending version that names another host or user; that version stays as it is.
 */
export async function removePendingIfEdited(ports: RotationPorts, attempt: PendingAttempt): Promise<void> {
  const { description, current, token, strategy, pins, pending } = attempt;
  const relation = relationOfPending(attempt);
  const isOurs = hasSentLabel(description, token);
  const mayStay = relation === 'next' || relation === 'current' || (relation === 'same-user' && isOurs);
  if (mayStay && !(isOurs && repeatsCurrent(attempt))) {
    return;
  }
  if (relation === 'edited' || isOurs) {
    await ports.store.removeLabel({ label: AWSPENDING, from: token });
    throw new RotationError(
      'CURRENT_MOVED',
      `AWSCURRENT moved to version ${current.versionId} after ${token} had been made from another, so AWSPENDING was removed from ${token}.`,
    );
  }
  const [named, wanted] = [pending.credentials, current.credentials];
  const [user, currentUser] = [named, wanted].map(
    (credentials) => printableUser(pins, credentials) ?? formOf(credentials).another,
  );
  const turn = changesUser(strategy, pins, wanted)
    ? `, so it is the turn of ${strategy.next(wanted, pins).username}`
    : '';
  throw new RotationError(
    'PENDING_MISMATCH',
    `The AWSPENDING version ${token} names ${user} at ${named.endpoint.url}, the AWSCURRENT version ${currentUser} at ${wanted.endpoint.url}${turn}.`,
  );
}

/**
 * Refuses a copy of AWSCURRENT, which a person may have stored. Only testSecret accepts a copy,
 * because Secrets Manager makes one to test a schedule.
 */
export function requireNewPassword(attempt: PendingAttempt): void {
  if (repeatsCurrent(attempt)) {
    throw new RotationError(
      'PENDING_INVALID',
      `The AWSPENDING version ${attempt.token} repeats the credential in AWSCURRENT, so the rotation would change nothing.`,
    );
  }
}

function repeatsCurrent({ current: { credentials }, pending: { credentials: next } }: PendingAttempt): boolean {
  return isSameUser(credentials, next) && credentials.password === next.password;
}

/**
 * Requires that a rotation made the pending version, whose password the cluster accepts already. If
 * a person stored it, a rotation would promote it without a new password.
 */
export function requireOwnVersion({ description, token }: Attempt): void {
  if (!hasSentLabel(description, token)) {
    throw new RotationError(
      'PENDING_INVALID',
      `The AWSPENDING version ${token} was stored by a person, and the cluster accepts its password already, so the rotation would change nothing.`,
      'pending',
    );
  }
}

/**
 * Reads the labels again, because this invocation may be late.
 *
 * @param activity what this step did meanwhile.
 * @throws RotationError TOKEN_NOT_PENDING if another invocation has ended the rotation.
 */
export async function describeWhilePending(
  { store }: RotationPorts,
  token: string,
  activity: string,
): Promise<SecretDescription> {
  const description = await store.describe();
  if (preflight(description, token).kind !== 'proceed') {
    throw new RotationError(
      'TOKEN_NOT_PENDING',
      `Version ${token} stopped being the pending one while this step ${activity}.`,
    );
  }
  return description;
}

/**
 * Removes AWSPENDING and the sent label from a version whose password the cluster refuses, because
 * the value of a version cannot change. AWSPENDING is removed last: if the first call fails, a
 * retry of this rotation can still remove both labels.
 */
export async function removePendingAndSentLabel(ports: RotationPorts, { description, token }: Attempt): Promise<void> {
  await ports.store.removeLabel({ label: sentLabelOf(description, token), from: token });
  await ports.store.removeLabel({ label: AWSPENDING, from: token });
  ports.report({ event: 'version-given-up', versionId: token });
}
