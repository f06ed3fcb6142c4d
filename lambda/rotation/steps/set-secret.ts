import type { Attempt, RotatedPair } from '../attempt.ts';
import { changePassword } from '../change-password.ts';
import { findInForce, noneInForce } from '../find-in-force.ts';
import { labelBeforeSending } from '../pending-version.ts';
import type { RotationPorts } from '../ports.ts';
import type { Outcome } from '../progress.ts';
import { resetByAdmin } from '../reset-by-admin.ts';

/** Makes the cluster accept the pending password, starting from the stored password that is in force. */
export async function setSecret(ports: RotationPorts, attempt: Attempt, pair: RotatedPair): Promise<Outcome> {
  const inForce = await findInForce(ports, attempt, pair);
  if (inForce?.candidate.stage === 'pending') {
    return 'already-in-force';
  }
  if (inForce === undefined && ports.readAdmin === undefined) {
    throw noneInForce(pair.current);
  }
  await labelBeforeSending(ports, attempt, inForce?.candidate);
  return inForce === undefined ? await resetByAdmin(ports, pair) : await changePassword(ports, inForce, pair.pending);
}
