import { isAdmin, readAdminCredential } from '../credential/admin-credential.ts';
import type { ReadCandidate } from '../credential/find-accepted.ts';
import type { UnusableCredential, UsableCredential } from '../credential/stored-credential.ts';
import { pinsEverything } from '../secret/rotated-secrets.ts';
import { requireTimeFor } from './can-log-in.ts';
import { noneAccepted, resetNotAllowed } from './change-failures.ts';
import { requireChanged } from './change-password.ts';
import { RotationError } from './errors.ts';
import type { RotationPorts } from './ports.ts';
import type { StepOutcome } from './progress.ts';
import { labelBeforeSending } from './sent-labels.ts';
import type { Attempt } from './strategies/strategy.ts';

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
  attempt: Attempt,
  pending: UsableCredential,
  read: readonly ReadCandidate[],
): Promise<StepOutcome> {
  const { endpoint, username, password } = pending.credentials;
  const { adminSecretArn, endpointRules } = ports.config;
  const isPinned = pinsEverything(attempt.pins);
  const denied = findDenied(read);
  if (adminSecretArn === undefined || (!isPinned && denied !== undefined)) {
    throw noneAccepted(pending, attempt.pins, denied);
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
  await requireChanged(ports, attempt, pending, change, undefined);
  return 'reset-by-admin';
}

/**
 * A stored version that AWS does not let the function read. Its password may be the accepted one.
 */
function findDenied(read: readonly ReadCandidate[]): UnusableCredential | undefined {
  for (const { stored } of read) {
    if (stored.kind === 'unusable' && stored.reason === 'denied') {
      return stored;
    }
  }
  return undefined;
}
