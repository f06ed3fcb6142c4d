import { ADMIN_USERNAMES } from '../../credential/admin-credential.ts';
import { AwsError } from '../aws/aws-error.ts';
import { forgetRoles, rolesTag, storeRoles } from '../aws/stored-roles.ts';
import type { AdminAnswer } from '../cluster/admin-cluster.ts';
import { describeUser, type UsableAdmin } from '../cluster/admin-requests.ts';
import { type Failure, failed, interruptedBeforeChange } from '../failure.ts';
import type { ChangePorts } from './ports.ts';

export interface Recreation {
  readonly username: string;
  /** `undefined`: the cluster was not asked yet. False if an interrupted repair dropped it. */
  readonly exists: boolean | undefined;
  readonly roles: readonly string[];
}

/**
 * - `unchanged`: no request has changed the cluster.
 * - `roles`: the roles that the user gets again.
 */
export type Recreated =
  | { readonly kind: 'unchanged'; readonly failure: Failure }
  | { readonly kind: 'sent'; readonly failure: Failure | undefined; readonly roles: readonly string[] };

/**
 * Without this rule, a person who may write a secret could name an admin in it and read the new
 * password of the admin there.
 *
 * @returns why `repair` must not reset or drop the user, or `undefined` if it may.
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

interface KeptRoles {
  readonly kind: 'kept';
  readonly exists: boolean;
  readonly roles: readonly string[];
  /** False if an interrupted repair has left the user without some of them. */
  readonly hadAll: boolean;
}

/** How often the roles are read until they are the ones that are stored. */
const READS_AT_MOST = 5;

/**
 * Stores the roles of the user and reads them again, until the stored roles are the ones that the
 * user has right before the drop.
 */
async function keepRoles(
  username: string,
  expected: readonly string[],
  credential: UsableAdmin,
  { adminCluster, aws, secretId, showNotice }: ChangePorts,
): Promise<KeptRoles | Extract<Recreated, { kind: 'unchanged' }>> {
  let stored: readonly string[] = [];
  for (let reads = 0; reads < READS_AT_MOST; reads += 1) {
    const user = await describeUser(credential, username, adminCluster);
    if ('code' in user) {
      return { kind: 'unchanged', failure: user };
    }
    const exists = user.kind === 'found';
    const granted = exists ? user.roles : [];
    const roles = [...new Set([...granted, ...expected])];
    if (roles.every((role) => stored.includes(role))) {
      return { kind: 'kept', exists, roles, hadAll: expected.every((role) => granted.includes(role)) };
    }
    try {
      await storeRoles(secretId, username, roles, aws);
    } catch (error) {
      if (error instanceof AwsError) {
        return { kind: 'unchanged', failure: notStored(username, error) };
      }
      throw error;
    }
    showNotice(`Roles of ${username}: ${roles.join(', ')}. The tag ${rolesTag(username)} of ${secretId} keeps them.`);
    stored = roles;
  }
  return {
    kind: 'unchanged',
    failure: failed(
      'roles-changing',
      `Somebody else is changing the roles of ${username}.`,
      'Nothing was changed. Run the command again when the roles stay as they are.',
    ),
  };
}

function notStored(username: string, { kind, message, advice }: AwsError): Failure {
  return failed(
    kind,
    `${username} was not dropped, because its roles could not be stored in a tag of the secret. ${message}`,
    `Nothing was changed. ${advice}`,
  );
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
