import { readVersion } from '../../credential/read-version.ts';
import { reasonToSkip, type UsableCredential } from '../../credential/stored-credential.ts';
import type { Pins } from '../../secret/rotated-secrets.ts';
import { AWSPENDING, hasRoomForNewPassword, holderOf, sentLabels } from '../../secret/versions.ts';
import { searchStoredPasswords } from '../can-log-in.ts';
import { changePassword, resetByAdmin } from '../change-password.ts';
import { requireOwnVersion } from '../pending-version.ts';
import type { RotationPorts } from '../ports.ts';
import type { StepOutcome } from '../progress.ts';
import { readPorts } from '../read-versions.ts';
import { reusableLabel } from '../sent-label-use.ts';
import { makeRoomByLogin, makeRoomForLabels, readSentLabels } from '../sent-labels.ts';
import type { Attempt, ChosenCredential, PendingAttempt, PinProblem } from './strategy.ts';

/** What is wrong with pins that name a key for a strategy of users. */
export function keyProblems({ apiKeyId }: Pins): readonly PinProblem[] {
  return apiKeyId === undefined
    ? []
    : [{ key: 'apiKeyId', rule: 'Only api-key has a key. Remove it, or remove strategy.' }];
}

/**
 * Generates a password if the secret has room for its sent label. Otherwise, logins tell which sent
 * labels are obsolete, and which stored password can be used again.
 */
export async function choose(ports: RotationPorts, attempt: Attempt): Promise<ChosenCredential> {
  const { description, current, pins, strategy } = attempt;
  const user = strategy.next(current.credentials, pins);
  const { username } = user;
  if (hasRoomForNewPassword(description)) {
    return { username, password: ports.newPassword() };
  }
  const search = await searchStoredPasswords(ports, attempt, user, [current]);
  const accepted = search.kind === 'found' ? search.accepted : undefined;
  const reused = reusableLabel(await readSentLabels(ports, attempt, accepted));
  const needed = reused === undefined ? 1 : 0;
  // With two users, a finishSecret that was killed leaves obsolete labels of the user in
  // AWSCURRENT.
  if ((await makeRoomByLogin(ports, attempt, needed)) < needed) {
    await makeRoomForLabels(ports, attempt, { needed, accepted });
  }
  return reused?.stored.kind === 'usable'
    ? { username, password: reused.stored.credentials.password, reused }
    : { username, password: ports.newPassword() };
}

/**
 * Makes the cluster accept the pending password, starting from the stored password that it accepts
 * now for the user of the pending version.
 */
export async function activate(ports: RotationPorts, attempt: PendingAttempt): Promise<StepOutcome> {
  const { current, pending } = attempt;
  const search = await searchStoredPasswords(ports, attempt, pending.credentials, [pending, current]);
  if (search.kind === 'none') {
    return await resetByAdmin(ports, attempt, search.read);
  }
  if (search.accepted.stage === 'pending') {
    requireOwnVersion(attempt);
    return 'already-in-force';
  }
  return await changePassword(ports, attempt, search.accepted);
}

/**
 * A login has proven a newer password of this user, so older passwords of the same user are
 * obsolete. The password of another user or host may still be accepted there, so its version keeps
 * its label.
 *
 * If AWSPENDING has left this version, the next rotation has begun, and its password may be on its
 * way to the cluster. Then all labels stay, and the next rotation removes those that are obsolete.
 */
export async function retire(
  ports: RotationPorts,
  { description, token, pins }: Attempt,
  proven: UsableCredential,
): Promise<void> {
  if (holderOf(description, AWSPENDING) !== token) {
    return;
  }
  for (const { label, versionId } of sentLabels(description).filter((sent) => sent.versionId !== token)) {
    try {
      const stored = await readVersion(description, versionId, readPorts(ports, pins));
      const why = reasonToSkip(stored, proven.credentials);
      if (why === 'other host or user' || why === 'unreadable') {
        ports.report({ event: 'label-kept', versionId, why });
        continue;
      }
      await ports.store.removeLabel({ label, from: versionId });
      ports.report({ event: 'label-retired', versionId });
    } catch (error) {
      // The next rotation removes the label.
      ports.report({ event: 'label-kept', versionId, why: error instanceof Error ? error.message : 'unknown' });
    }
  }
}
