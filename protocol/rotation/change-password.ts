import type { Change } from '../cluster/cluster.ts';
import { clearRefusal, proofOf } from '../cluster/refusal.ts';
import { isAdmin, readAdminCredential } from '../credential/admin-credential.ts';
import type { AcceptedCredential, ReadCandidate } from '../credential/find-accepted.ts';
import { pinsEverything } from '../secret/rotated-secrets.ts';
import { canLogIn, changeUnsettled, requireTimeFor } from './can-log-in.ts';
import { changeFailure, noneAccepted, resetNotAllowed } from './change-failures.ts';
import { RotationError } from './errors.ts';
import { removePendingAndSentLabel } from './pending-version.ts';
import type { RotationPorts } from './ports.ts';
import type { StepOutcome } from './progress.ts';
import { labelBeforeSending } from './sent-labels.ts';
import type { PendingAttempt } from './strategies/strategy.ts';

/** The requests that tell how a change ended: the change, and a login with each password. */
const REQUESTS_OF_A_CHANGE = 3;

/**
 * Sends one request to change the accepted password to the pending one.
 *
 * @throws RotationError as {@link requireChanged}
 */
export async function changePassword(
  ports: RotationPorts,
  attempt: PendingAttempt,
  old: AcceptedCredential,
): Promise<StepOutcome> {
  const { versionId, stage } = old;
  await labelBeforeSending(ports, attempt, old);
  requireTimeFor(REQUESTS_OF_A_CHANGE, ports, stage);
  ports.report({ event: 'change-asked', from: { versionId, stage } });
  const change = await ports.cluster.changePassword(old.credentials, attempt.pending.credentials.password);
  await requireChanged(ports, attempt, change, old);
  return 'changed';
}

/**
 * Sets the pending password with the admin credential, after the cluster has rejected every stored
 * password. Only a function with an admin secret does this, and its log says so.
 *
 * Whoever may write a secret chooses the endpoint and the user in it. So the function resets a
 * password only if the deployment pins both.
 *
 * @param read the versions that the search read
 */
export async function resetByAdmin(
  ports: RotationPorts,
  attempt: PendingAttempt,
  read: readonly ReadCandidate[],
): Promise<StepOutcome> {
  const { pending } = attempt;
  const { endpoint, username, password } = pending.credentials;
  const { adminSecretArn, endpointRules } = ports.config;
  const isPinned = pinsEverything(attempt.pins);
  // The password of a version that AWS does not let the function read may be the accepted one.
  const [denied] = read.flatMap(({ stored }) =>
    stored.kind === 'unusable' && stored.reason === 'denied' ? [stored] : [],
  );
  if (adminSecretArn === undefined || (!isPinned && denied !== undefined)) {
    throw noneAccepted(attempt, denied);
  }
  if (!isPinned) {
    throw resetNotAllowed(
      pending,
      'the configuration of the function does not pin endpoint and username of this secret',
    );
  }
  await labelBeforeSending(ports, attempt, undefined);
  const credential = readAdminCredential(await ports.readSecret(adminSecretArn), endpoint, endpointRules);
  if (credential.kind === 'unusable') {
    throw new RotationError(
      'ADMIN_INVALID',
      `The admin secret cannot be used. ${credential.problem}`,
      'none of the stored',
    );
  }
  if (isAdmin(username, credential)) {
    throw resetNotAllowed(pending, 'this user administers the cluster');
  }
  requireTimeFor(2, ports, 'none of the stored');
  ports.report({ event: 'change-asked', from: 'admin' });
  const change = await ports.cluster.resetPassword(credential.admin, username, password);
  await requireChanged(ports, attempt, change, undefined);
  return 'reset-by-admin';
}

/**
 * Finds out how a requested change ended. The cluster's answer proves nothing, so logins decide:
 * Milvus can report an error after a change, and success to each of two changes at once.
 * ASSUMPTION milvus-error-after-change, ASSUMPTION milvus-success-unproven
 *
 * {@link proofOf} says which logins. If the cluster then accepts only the old password, the change
 * may still come.
 *
 * @param old the password that the cluster accepted before. `undefined`: it rejected every stored
 * one.
 * @throws RotationError if the cluster does not accept the pending password. If it will never
 * accept it, AWSPENDING was removed.
 */
async function requireChanged(
  ports: RotationPorts,
  attempt: PendingAttempt,
  change: Change,
  old: AcceptedCredential | undefined,
): Promise<void> {
  const { pending } = attempt;
  ports.report({ event: 'change-answered', answer: change });
  const refusal = clearRefusal(change);
  try {
    if (await canLogIn(ports, pending.credentials, proofOf(change))) {
      return;
    }
    const isAccepted = old !== undefined && change.kind !== 'changed' && (await canLogIn(ports, old.credentials));
    if (refusal?.reason === 'new-password' && (isAccepted || old === undefined)) {
      await removePendingAndSentLabel(ports, attempt);
    }
    throw changeFailure(change, pending, old && { stage: old.stage, isAccepted });
  } catch (error) {
    throw changeUnsettled(error, pending.credentials);
  }
}
