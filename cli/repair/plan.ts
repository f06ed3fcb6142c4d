import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { isAdmin } from '../../protocol/credential/admin-credential.ts';
import { readAdmin } from '../change/admin.ts';
import { resetPassword } from '../change/admin-steps.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { planChange, type WantedCredential } from '../change/plan.ts';
import type { Plan } from '../change/step.ts';
import type { Examination } from '../examine/examination.ts';
import { describeStaleCopies, requireNoStaleCopies } from '../examine/stale-copies.ts';
import { listDenied } from '../examine/tried-versions.ts';
import { refuse } from '../outcome/failure.ts';

/**
 * Plans the steps that move AWSCURRENT to an accepted password, and remove what would stop the
 * next rotation. If an admin is named, the plan sets a new password for a user without an accepted
 * one: first for the user in AWSCURRENT. An admin cannot help with an API key.
 *
 * @returns no step if there is nothing that this command can repair
 * @throws FailureError, SecretStoreError
 */
export async function planRepair(
  examination: Examination,
  adminSecret: string | undefined,
  ports: ChangePorts,
): Promise<Plan> {
  const { current, search, other, sameUser, strategy } = examination;
  const accepted = search.kind === 'found' ? search.accepted : undefined;
  const isLost = search.kind === 'none' || other?.search.kind === 'none';
  const reset =
    isLost && current !== undefined && adminSecret !== undefined && !strategy.needsManager
      ? await planReset(current.credentials, accepted && other?.username, adminSecret, examination, ports)
      : undefined;
  const denied = reset && listDenied(examination);
  const stale = accepted?.staleCopies({ changesUser: false }) ?? [];
  const wanted = {
    current: accepted === undefined ? reset : { credentials: accepted.credentials, version: accepted },
    other: accepted && reset,
    remarks: [
      ...(denied ? [`${denied} One of their passwords may be accepted, so first ask for kms:Decrypt`] : []),
      ...(reset === undefined ? [] : sameUser.notes),
      ...(stale.length === 0 ? [] : [`Version ${accepted?.versionId} ${describeStaleCopies(stale)}`]),
    ],
  };
  const plan = planChange(examination, wanted, ports);
  if (plan.steps.some(({ kind }) => kind === 'store')) {
    requireNoStaleCopies(examination);
  }
  return plan;
}

/** @throws FailureError if the password must not be reset */
async function planReset(
  held: Credentials,
  username: string = held.username,
  adminSecret: string,
  examination: Examination,
  ports: ChangePorts,
): Promise<WantedCredential> {
  requireNoStaleCopies(examination);
  const { sameUser, knownUsers } = examination;
  const admin = await readAdmin(adminSecret, held.endpoint, ports);
  if (isAdmin(username, admin)) {
    refuse(
      'not-reset',
      `The password of ${username} is not reset, because this user administers the cluster.`,
      "Reset the password in the cluster's console and store it in the secret.",
    );
  }
  if (sameUser.explanation !== undefined) {
    const { code, message, advice } = sameUser.explanation;
    refuse(code, message, advice);
  }
  const credentials = { ...held, username, password: ports.newPassword() };
  const user = knownUsers.has(username) ? username : 'the user in AWSCURRENT';
  return { credentials, user, what: 'a generated password', change: resetPassword(admin, credentials, user) };
}
