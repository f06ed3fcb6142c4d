import type { Attempt, RotatedPair } from '../attempt.ts';
import { changePassword } from '../change/change-password.ts';
import { findInForce } from '../change/find-in-force.ts';
import { resetByAdmin } from '../change/reset-by-admin.ts';
import { labelBeforeSending } from '../pending-version.ts';
import type { RotationPorts } from '../ports.ts';
import type { Outcome } from '../progress.ts';
import { addSentLabelToCurrent } from '../two-users/add-sent-label-to-current.ts';

/**
 * Makes the cluster accept the pending password, starting from the stored password that is in
 * force.
 */
export async function setSecret(ports: RotationPorts, attempt: Attempt, pair: RotatedPair): Promise<Outcome> {
  await addSentLabelToCurrent(ports, attempt, pair.current);
  const search = await findInForce(ports, attempt, pair);
  if (search.kind === 'none') {
    return await resetByAdmin(ports, attempt, pair, search.denied);
  }
  if (search.inForce.candidate.stage === 'pending') {
    return 'already-in-force';
  }
  await labelBeforeSending(ports, attempt, pair, search.inForce.candidate);
  return await changePassword(ports, attempt, search.inForce, pair.pending);
}
