import type { Change, Credentials } from '../cluster/cluster.ts';
import type { AcceptedCredential } from '../credential/find-accepted.ts';
import type { UnusableCredential, UsableCredential } from '../credential/stored-credential.ts';
import { MAX_STRANDED } from '../secret/versions.ts';
import { RotationError } from './errors.ts';
import { printableUser, type RotationStrategy } from './strategies/strategy.ts';

/** @param denied a version that AWS does not let the function read: its password was not tried. */
export function noneInForce(
  { credentials }: UsableCredential,
  strategy: RotationStrategy,
  denied: UnusableCredential | undefined,
): RotationError {
  const user = printableUser(strategy, credentials.username);
  const rejected = `${credentials.endpoint.url} rejects every stored password of ${user}`;
  return denied === undefined
    ? new RotationError(
        'NONE_IN_FORCE',
        `${rejected}, each tried twice: the pending, the current, the previous and up to ${MAX_STRANDED} others, newest first.`,
        'none of the stored',
      )
    : new RotationError(
        'VERSION_DENIED',
        `${rejected} that could be read, and at least one version could not: ${denied.problem}.`,
      );
}

/** The cluster has answered that it does not know the user. */
function unknownUser({ username, endpoint }: Credentials, answer: string): RotationError {
  return new RotationError(
    'NONE_IN_FORCE',
    `${endpoint.url} has no user ${username} (${answer}).`,
    'none of the stored',
  );
}

/** The error if the cluster rejects the new password after the user requested the change. */
export function changeFailure(
  change: Change,
  { credentials }: UsableCredential,
  stage: AcceptedCredential['candidate']['stage'],
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

/** The error if the cluster rejects the new password after the admin requested the reset. */
export function resetFailure(change: Change, { credentials }: UsableCredential): RotationError {
  const { username, endpoint } = credentials;
  const user = `${username} at ${endpoint.url}`;
  if (change.kind !== 'refused' || change.reason === 'unclear') {
    const said = change.kind === 'changed' ? '' : ` (${change.answer})`;
    return new RotationError('CHANGE_UNSETTLED', `The password that the admin set for ${user} is not accepted${said}.`);
  }
  switch (change.reason) {
    case 'unknown-user':
      return unknownUser(credentials, change.answer);
    case 'unauthenticated':
      return new RotationError(
        'ADMIN_REJECTED',
        `${endpoint.url} rejects every stored password of ${username}, and the login of the admin (${change.answer}).`,
        'none of the stored',
      );
    case 'new-password':
      return new RotationError(
        'PASSWORD_REFUSED',
        `The new password of ${user} is refused (${change.answer}).`,
        'none of the stored',
      );
    case 'not-primary':
      return new RotationError(
        'CLUSTER_NOT_PRIMARY',
        `The cluster did not reset the password of ${user}, because it is a secondary (${change.answer}).`,
        'none of the stored',
      );
    default:
      return new RotationError(
        'ADMIN_REFUSED',
        `The cluster does not allow the admin credential to reset the password of ${user} (${change.answer}).`,
        'none of the stored',
      );
  }
}

/** A rule of the function forbids the reset, so the admin was not asked. */
export function resetNotAllowed({ credentials }: UsableCredential, reason: string): RotationError {
  const { username, endpoint } = credentials;
  return new RotationError(
    'RESET_NOT_ALLOWED',
    `The password of ${username} at ${endpoint.url} is not reset, because ${reason}.`,
    'none of the stored',
  );
}
