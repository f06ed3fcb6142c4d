import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { isAdmin } from '../../protocol/credential/admin-credential.ts';
import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import { readAdmin } from '../change/admin.ts';
import { resetPassword } from '../change/admin-steps.ts';
import type { ChangePorts } from '../change/change-ports.ts';
import { planChange, type WantedCredential } from '../change/plan.ts';
import type { Plan } from '../change/step.ts';
import { loginWithCheck } from '../cluster/login-with-check.ts';
import { nameOf } from '../credential-forms.ts';
import type { Examination } from '../examine/examination.ts';
import { endWithSearch } from '../examine/findings.ts';
import { readLabelRoom } from '../examine/label-room.ts';
import { findOtherUser } from '../examine/other-users.ts';
import { comparedWithPins } from '../examine/pins.ts';
import { endpointsFor } from '../examine/read-strategy.ts';
import { describeStaleCopies, requireNoStaleCopies } from '../examine/stale-copies.ts';
import { listDenied } from '../examine/tried-versions.ts';
import { endIfInterrupted, endWith, failed, refuse } from '../outcome/failure.ts';

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
  const lost = search.kind === 'none' ? current?.credentials.username : other?.search.kind === 'none' && other.username;
  const reset =
    current !== undefined && lost && adminSecret !== undefined && !strategy.needsManager
      ? await planReset({ ...current.credentials, username: lost }, adminSecret, examination, ports)
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

/** @throws FailureError if the password of the user must not be reset */
async function planReset(
  lost: Credentials,
  adminSecret: string,
  examination: Examination,
  ports: ChangePorts,
): Promise<WantedCredential> {
  requireNoStaleCopies(examination);
  const { username } = lost;
  const { sameUser, knownUsers } = examination;
  const admin = await readAdmin(adminSecret, lost.endpoint, ports);
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
  const credentials = { ...lost, password: ports.newPassword() };
  const user = knownUsers.has(username) ? username : 'the user in AWSCURRENT';
  return { credentials, user, what: 'a generated password', change: resetPassword(admin, credentials, user) };
}

/**
 * Plans to move AWSCURRENT back to a version, after a wrong value was stored. Reads the version,
 * and logs in with its credential, if the configuration allows the user and the host.
 *
 * @throws FailureError, SecretStoreError
 */
export async function planRestore(versionId: string, examination: Examination, ports: ChangePorts): Promise<Plan> {
  const { secret, strategy } = examination;
  const goOn = `See with \`zilliz-rotation status ${secret.name}\` which versions the cluster accepts, or store a valid credential in the secret.`;
  const from = holderOf(secret, AWSCURRENT);
  const stored = await examination.read(versionId);
  if (from === undefined) {
    refuse('no-such-version', 'The secret has no AWSCURRENT.', goOn);
  }
  if (stored.kind === 'unusable') {
    return stored.reason === 'no-value'
      ? refuse('no-such-version', 'The secret has no such version with a value.', goOn)
      : refuse('version-unusable', `The version is not a usable credential. ${stored.problem}`, goOn);
  }
  const notPinned = comparedWithPins('The version', stored, strategy);
  if (notPinned !== undefined) {
    refuse('version-unusable', notPinned.message, goOn);
  }
  const { credentials } = stored;
  const login = await loginWithCheck(credentials, ports, 'twice');
  // After Ctrl-C, the second login does not wait, so a rejection proves nothing.
  endIfInterrupted(ports);
  if (login.kind === 'rejected') {
    endWith(
      failed('version-rejected', 'The cluster rejects the credential of this version.', `Nothing was changed. ${goOn}`),
    );
  }
  if (login.kind !== 'accepted') {
    endWithSearch(login);
  }
  if (versionId === from) {
    refuse(
      'not-needed',
      'The cluster accepts the credential in AWSCURRENT, so AWSCURRENT does not need to move to this version.',
      'Run the command without the option.',
    );
  }
  // As after the move: AWSPREVIOUS then protects the undone value, and no other one.
  const accepted = { ...stored, stage: 'current' } as const;
  // An edit of AWSCURRENT is what the move undoes.
  const moved = { ...examination, current: stored };
  const search = { kind: 'found', accepted, roles: login.roles } as const;
  // After the move, the other user may be the one that AWSCURRENT names now.
  const other = await findOtherUser(moved, search, ports.clock.now());
  const ofOther = other?.search.kind === 'found' ? { ...other.search.accepted, stage: 'stranded' as const } : undefined;
  const labelRoom = await readLabelRoom(moved, [other === undefined ? accepted : ofOther, accepted], {
    endpoints: endpointsFor(strategy, ports.endpoints),
    store: ports.aws.store(ports.secretId),
  });
  const names = `AWSCURRENT then names ${nameOf(credentials)} at ${credentials.endpoint.url}. The value of version ${from} becomes AWSPREVIOUS`;
  const wanted = { current: { credentials, version: stored }, remarks: [names] };
  return planChange({ ...moved, other, labelRoom }, wanted, ports);
}
