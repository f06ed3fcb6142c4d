import { ADMIN_USERNAMES } from '../../../protocol/credential/admin-credential.ts';
import { forgetRoles } from '../../aws/stored-roles.ts';
import type { AdminAnswer } from '../../cluster/admin-cluster.ts';
import { describeUser, type UsableAdmin } from '../../cluster/admin-requests.ts';
import { type Failure, failed, interruptedBeforeChange } from '../../outcome/failure.ts';
import type { ChangePorts } from '../ports.ts';
import { keepRoles, type Unchanged } from './keep-roles.ts';

export interface Recreation {
  readonly username: string;
  /** `undefined`: the cluster was not asked yet. False: an interrupted repair dropped the user. */
  readonly exists: boolean | undefined;
  readonly roles: readonly string[];
}

/**
 * - `unchanged`: no request has changed the cluster.
 * - `roles`: the roles that the user gets again.
 */
export type Recreated =
  | Unchanged
  | { readonly kind: 'sent'; readonly failure: Failure | undefined; readonly roles: readonly string[] };

/**
 * Why `repair` must not reset or drop the user. Without this rule, a person who may write a secret
 * could write the name of an admin into the secret. `repair` would then store a new password of
 * this admin there, where the person can read it.
 *
 * @returns `undefined` if `repair` may reset and drop the user
 */
export function reasonNotToReset(username: string, adminName: string | undefined): string | undefined {
  if (ADMIN_USERNAMES.includes(username)) {
    return `The password of ${username} is not reset, because this user administers the cluster.`;
  }
  return username === adminName ? `${username} is the admin itself, so its password is not reset.` : undefined;
}

/**
 * Drops the user and creates it, without roles. Between the two requests the user does not exist.
 * Stores the roles in the secret first, because the cluster forgets them.
 */
export async function recreateUser(
  { username, roles: expected }: Recreation,
  password: string,
  credential: UsableAdmin,
  ports: ChangePorts,
): Promise<Recreated> {
  const user = await keepRoles(username, expected, credential, ports);
  if (user.kind === 'unchanged') {
    return user;
  }
  const { exists, roles } = user;
  const advice = adviceToRepeat(username, roles);
  const { admin } = credential;
  // The last moment at which Ctrl-C leaves a user that can log in.
  if (ports.interrupted.aborted) {
    if (user.hadAll) {
      await forgetRoles(ports.secretId, username, ports.aws);
    }
    return { kind: 'unchanged', failure: interruptedBeforeChange() };
  }
  const doubt = exists ? await drop(username, credential, ports) : undefined;
  if (doubt !== undefined) {
    return { kind: 'sent', roles, failure: failed('drop-failed', doubt, advice) };
  }
  const creation = await ports.adminCluster.createUser(admin, username, password);
  const before = exists ? `${username} was dropped. ` : '';
  return {
    kind: 'sent',
    roles,
    failure:
      creation.kind === 'done'
        ? undefined
        : failed('create-failed', `${before}${describeCreation(creation, username)}`, advice),
  };
}

/** @returns `undefined` if the user does not exist any more */
async function drop(
  username: string,
  credential: UsableAdmin,
  { adminCluster }: ChangePorts,
): Promise<string | undefined> {
  const answer = await adminCluster.dropUser(credential.admin, username);
  if (answer.kind === 'done') {
    return undefined;
  }
  // An answer can be lost, or report an error, after the cluster has dropped the user.
  const user = await describeUser(credential, username, adminCluster);
  switch (user.kind) {
    case 'absent':
      return undefined;
    case 'found':
      return answer.kind === 'refused'
        ? `The cluster did not drop ${username}, which still exists. ${answer.answer}`
        : `It is not known whether the cluster drops ${username}. The user still exists, but the request may be on its way. ${answer.answer}`;
    default:
      return `It is not known whether ${username} still exists. ${answer.answer}`;
  }
}

function describeCreation({ kind, answer }: Exclude<AdminAnswer, { kind: 'done' }>, username: string): string {
  return kind === 'refused'
    ? `${username} was not created again. ${answer}`
    : `It is not known whether ${username} was created again. ${answer}`;
}

/** How to complete a recreation. */
export function adviceToRepeat(username: string, roles: readonly string[]): string {
  const options = roles.map((role) => ` --role ${role}`).join('');
  return `Run the command again with --recreate-user${options}. It creates ${username} if the user does not exist, and grants the roles that ${username} lacks.`;
}
