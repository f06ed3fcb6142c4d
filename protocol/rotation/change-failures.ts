import type { Change } from '../cluster/cluster.ts';
import { type ClearRefusal, clearRefusal } from '../cluster/refusal.ts';
import type { UnusableCredential, UsableCredential } from '../credential/stored-credential.ts';
import { type Candidate, MAX_STRANDED } from '../secret/versions.ts';
import { RotationError } from './errors.ts';
import type { FailureCode } from './failures.ts';
import { type PendingAttempt, printableUser } from './strategies/strategy.ts';

/** @param denied a version that AWS does not let the function read: its password was not tried. */
export function noneAccepted({ pending, pins }: PendingAttempt, denied: UnusableCredential | undefined): RotationError {
  const { credentials } = pending;
  const user = printableUser(pins, credentials) ?? 'the user that the secret names';
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

/**
 * The error if the cluster rejects the new password after a change was requested.
 *
 * @param old the version whose password the cluster accepted before, and whether it still does.
 * `undefined`: the cluster rejects every stored password, so the admin requested a reset.
 */
export function changeFailure(
  change: Change,
  { credentials }: UsableCredential,
  old: { readonly stage: Candidate['stage']; readonly isAccepted: boolean } | undefined,
): RotationError {
  const { username, endpoint } = credentials;
  const user = `${username} at ${endpoint.url}`;
  const refusal = clearRefusal(change);
  if (refusal?.reason === 'unknown-user' && old?.isAccepted !== true) {
    return new RotationError(
      'NONE_IN_FORCE',
      `${endpoint.url} has no user ${username} (${refusal.answer}).`,
      'none of the stored',
    );
  }
  if (change.kind === 'changed' && old !== undefined) {
    return new RotationError(
      'PENDING_REJECTED',
      `${endpoint.url} reported the change of ${username} and rejects the new password.`,
    );
  }
  if (change.kind === 'changed' || refusal === undefined || old?.isAccepted === false) {
    const answer = change.kind === 'changed' ? 'success' : change.answer;
    const accepted = old?.isAccepted === true ? `the ${old.stage} password` : 'no stored password';
    return new RotationError(
      'CHANGE_UNSETTLED',
      `The change of ${user} was answered with "${answer}", and for now ${accepted} is accepted.`,
    );
  }
  const code = codeOf(refusal.reason, old === undefined);
  return new RotationError(
    code,
    `The password of ${user} was not ${old === undefined ? 'reset by the admin' : 'changed'} (${refusal.answer}).`,
    old?.stage ?? 'none of the stored',
  );
}

function codeOf(reason: ClearRefusal['reason'], isReset: boolean): FailureCode {
  switch (reason) {
    case 'new-password':
      return 'PASSWORD_REFUSED';
    case 'not-primary':
      return 'CLUSTER_NOT_PRIMARY';
    case 'unauthenticated':
      return isReset ? 'ADMIN_REJECTED' : 'CHANGE_REFUSED';
    default:
      return isReset ? 'ADMIN_REFUSED' : 'CHANGE_REFUSED';
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
