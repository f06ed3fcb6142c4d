import type { AcceptedCredential } from '../credential/find-accepted.ts';
import type { UsableCredential } from '../credential/stored-credential.ts';
import { changeFailure } from './change-failures.ts';
import { canLogIn, canLogInAfterChange, changeUnsettled, requireTimeFor } from './logins.ts';
import { removePendingAndSentLabel } from './pending-version.ts';
import type { RotationPorts } from './ports.ts';
import type { StepOutcome } from './progress.ts';
import type { Attempt } from './strategies/strategy.ts';

/**
 * The change, a login with the new password and a login with the old one: enough to know how the
 * change ended.
 */
const REQUESTS_OF_A_CHANGE = 3;

/**
 * Sends one request to change the accepted password to the pending one. The cluster's answer
 * proves nothing, so logins decide: Milvus can report an error after a change, and success to each
 * of two changes at once.
 *
 * After a clear refusal, one login is enough. After any other answer, the new password is waited
 * for, because the change may still arrive or reach more proxies. If the cluster then accepts only
 * the old password, the change may still come.
 */
export async function changePassword(
  ports: RotationPorts,
  attempt: Attempt,
  old: AcceptedCredential,
  pending: UsableCredential,
): Promise<StepOutcome> {
  const { stage } = old.candidate;
  requireTimeFor(REQUESTS_OF_A_CHANGE, ports, stage);
  ports.report({ event: 'change-asked', from: old.candidate });
  const change = await ports.cluster.changePassword(old.credentials, pending.credentials.password);
  ports.report({ event: 'change-answered', answer: change });
  try {
    const refused = change.kind === 'refused' && change.reason !== 'unclear';
    if (await (refused ? canLogIn : canLogInAfterChange)(ports, pending.credentials)) {
      return 'changed';
    }
    const oldAccepted = change.kind !== 'changed' && (await canLogIn(ports, old.credentials));
    if (refused && oldAccepted && change.reason === 'new-password') {
      await removePendingAndSentLabel(ports, attempt);
    }
    throw changeFailure(change, pending, stage, oldAccepted);
  } catch (error) {
    throw changeUnsettled(error, pending.credentials);
  }
}
