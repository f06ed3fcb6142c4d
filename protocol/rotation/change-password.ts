import type { Change } from '../cluster/cluster.ts';
import { clearRefusal, proofOf } from '../cluster/refusal.ts';
import type { AcceptedCredential } from '../credential/find-accepted.ts';
import type { UsableCredential } from '../credential/stored-credential.ts';
import { canLogIn, changeUnsettled, requireTimeFor } from './can-log-in.ts';
import { changeFailure } from './change-failures.ts';
import { removePendingAndSentLabel } from './pending-version.ts';
import type { RotationPorts } from './ports.ts';
import type { StepOutcome } from './progress.ts';
import type { Attempt } from './strategies/strategy.ts';

/** The requests that tell how a change ended: the change, and a login with each password. */
const REQUESTS_OF_A_CHANGE = 3;

/**
 * Sends one request to change the accepted password to the pending one.
 *
 * @throws RotationError as {@link requireChanged}
 */
export async function changePassword(
  ports: RotationPorts,
  attempt: Attempt,
  old: AcceptedCredential,
  pending: UsableCredential,
): Promise<StepOutcome> {
  const { versionId, stage } = old;
  requireTimeFor(REQUESTS_OF_A_CHANGE, ports, stage);
  ports.report({ event: 'change-asked', from: { versionId, stage } });
  const change = await ports.cluster.changePassword(old.credentials, pending.credentials.password);
  await requireChanged(ports, attempt, pending, change, old);
  return 'changed';
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
export async function requireChanged(
  ports: RotationPorts,
  attempt: Attempt,
  pending: UsableCredential,
  change: Change,
  old: AcceptedCredential | undefined,
): Promise<void> {
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
