import { forgetRoles } from '../aws/stored-roles.ts';
import { loginEverywhere } from '../cluster/login.ts';
import { type Failure, failed, interruptedBeforeChange } from '../outcome/failure.ts';
import { adminOf, readUser } from './admin.ts';
import type { ChangePorts } from './change-ports.ts';
import { keepRoles } from './roles.ts';
import type { PlanStepFailure, ResetStep } from './step.ts';

/**
 * Drops the user and creates it with the stored password, without roles: a later step grants them.
 * Between the two requests the user does not exist. Stores the roles in the secret first, because
 * the cluster forgets them.
 */
export async function recreateUser(
  { credentials, user, recreation }: ResetStep,
  ports: ChangePorts,
): Promise<PlanStepFailure | undefined> {
  const { username, password } = credentials;
  const kept = await keepRoles(username, recreation?.roles ?? [], ports);
  if (kept.kind !== 'kept') {
    return kept;
  }
  // The last moment at which Ctrl-C leaves a user that can log in.
  if (ports.interrupted.aborted) {
    if (kept.hadAll) {
      await forgetRoles(ports.secretId, username, ports.aws);
    }
    return interruptedBeforeChange();
  }
  const doubt = kept.exists ? await drop(username, user, ports) : undefined;
  if (doubt !== undefined) {
    return sent(failed('drop-failed', doubt, ''));
  }
  const { admin } = adminOf(ports);
  const creation = await ports.adminCluster.createUser(admin, username, password);
  const login = await loginEverywhere(credentials, ports);
  if (login.kind === 'accepted') {
    return undefined;
  }
  const before = kept.exists ? `${user} was dropped. ` : '';
  switch (creation.kind) {
    case 'done':
      return sent(failed('unsettled', `The cluster created ${user} and rejects its login.`, ''));
    case 'refused':
      return sent(failed('create-failed', `${before}It was not created again. ${creation.answer}`, ''));
    case 'lost':
      return sent(
        failed('create-failed', `${before}It is not known whether ${user} was created again. ${creation.answer}`, ''),
      );
  }
}

function sent(failure: Failure): PlanStepFailure {
  return { ...failure, mayBeSet: true };
}

/** @returns `undefined` if the user does not exist any more */
async function drop(username: string, user: string, ports: ChangePorts): Promise<string | undefined> {
  const credential = adminOf(ports);
  const answer = await ports.adminCluster.dropUser(credential.admin, username);
  if (answer.kind === 'done') {
    return undefined;
  }
  // An answer can be lost, or report an error, after the cluster has dropped the user.
  const found = await readUser(credential, username, ports.adminCluster);
  switch (found.kind) {
    case 'absent':
      return undefined;
    case 'found':
      return answer.kind === 'refused'
        ? `The cluster did not drop ${user}, which still exists. ${answer.answer}`
        : `It is not known whether the cluster drops ${user}. The user still exists, but the request may be on its way. ${answer.answer}`;
    default:
      return `It is not known whether ${user} still exists. ${answer.answer}`;
  }
}
