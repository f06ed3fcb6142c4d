import { isSameUser } from '../../credential/stored-credential.ts';
import { changePassword } from '../change-password.ts';
import { searchStoredPasswords } from '../logins.ts';
import { requireOwnVersion } from '../pending-version.ts';
import type { RotationPorts } from '../ports.ts';
import type { StepOutcome } from '../progress.ts';
import { resetByAdmin } from '../reset-by-admin.ts';
import { labelBeforeSending } from '../sent-labels.ts';
import type { Attempt, RotatedPair } from '../strategies/strategy.ts';

/**
 * Makes the cluster accept the pending password, starting from the stored password that it accepts
 * now for the user of the pending version.
 */
export async function setSecret(ports: RotationPorts, attempt: Attempt, pair: RotatedPair): Promise<StepOutcome> {
  const { current, pending } = pair;
  if (!isSameUser(current.credentials, pending.credentials)) {
    await attempt.strategy.keepFindable(ports, attempt, current);
  }
  const search = await searchStoredPasswords(ports, attempt, pending.credentials, [pending, current]);
  if (search.kind === 'none') {
    return await resetByAdmin(ports, attempt, pair, search.denied);
  }
  if (search.accepted.candidate.stage === 'pending') {
    requireOwnVersion(attempt);
    return 'already-in-force';
  }
  await labelBeforeSending(ports, attempt, pair, search.accepted);
  return await changePassword(ports, attempt, search.accepted, pending);
}
