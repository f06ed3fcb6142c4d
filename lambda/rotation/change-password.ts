import type { Change } from '../../cluster/cluster.ts';
import type { UsableCredential } from '../../credential/stored-credential.ts';
import type { Attempt } from './attempt.ts';
import { RotationError } from './errors.ts';
import { type InForceCredential, unknownUser } from './find-in-force.ts';
import { canLogIn, canLogInAfterChange, requireTimeFor, unsettledIfUndecided } from './logins.ts';
import { releaseVersion } from './pending-version.ts';
import type { RotationPorts } from './ports.ts';
import type { Outcome } from './progress.ts';

/**
 * The change, a login with the new password and a login with the old one: enough to know how the
 * change ended.
 */
const REQUESTS_OF_A_CHANGE = 3;

/**
 * Sends one request to change the password in force to the pending one. The cluster's answer
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
  old: InForceCredential,
  pending: UsableCredential,
): Promise<Outcome> {
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
      await releaseVersion(ports, attempt);
    }
    throw failureOf(change, pending, stage, oldAccepted);
  } catch (error) {
    throw unsettledIfUndecided(error, pending.credentials);
  }
}

/** The failure after the cluster rejected the new password. */
function failureOf(
  change: Change,
  { credentials }: UsableCredential,
  stage: InForceCredential['candidate']['stage'],
  oldAccepted: boolean,
): RotationError {
  const { username, endpoint } = credentials;
  const user = `${username} at ${endpoint.url}`;
  if (change.kind === 'changed') {
    return new RotationError(
      'PENDING_REJECTED',
      `${endpoint.url} reported the change of ${username} and rejects the new password.`,
    );
  }
  if (change.kind === 'refused' && change.reason === 'unknown-user' && !oldAccepted) {
    return unknownUser(credentials, change.answer);
  }
  if (change.kind === 'lost' || change.reason === 'unclear' || !oldAccepted) {
    return new RotationError(
      'CHANGE_UNSETTLED',
      `The change of ${user} got no clear answer (${change.answer}), and for now ${oldAccepted ? `the ${stage} password is accepted` : 'neither password is accepted'}.`,
    );
  }
  return change.reason === 'new-password'
    ? new RotationError('PASSWORD_REFUSED', `The new password of ${user} is refused (${change.answer}).`, stage)
    : new RotationError(
        change.reason === 'not-primary' ? 'CLUSTER_NOT_PRIMARY' : 'CHANGE_REFUSED',
        `The password of ${user} was not changed (${change.answer}).`,
        stage,
      );
}
