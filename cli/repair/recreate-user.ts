import type { Admin } from '../../cluster/cluster.ts';
import { ADMIN_USERNAMES } from '../../credential/admin-credential.ts';
import type { AdminAnswer, AdminCluster } from '../cluster/admin-cluster.ts';
import { grantEach } from '../cluster/admin-requests.ts';
import { type Failure, failed } from '../failure.ts';

export interface Recreation {
  readonly username: string;
  /** False if an interrupted repair has already dropped the user. */
  readonly exists: boolean;
  readonly roles: readonly string[];
}

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
 *
 * @returns `undefined` after success
 */
export async function recreateUser(
  recreation: Recreation,
  password: string,
  admin: Admin,
  cluster: AdminCluster,
): Promise<Failure | undefined> {
  const { username, exists, roles } = recreation;
  const advice = adviceToRepeat(username, roles);
  if (exists) {
    const drop = await cluster.dropUser(admin, username);
    if (drop.kind !== 'done') {
      return failed('drop-failed', describeFailure(drop, username, 'dropped'), advice);
    }
  }
  const creation = await cluster.createUser(admin, username, password);
  return creation.kind === 'done'
    ? undefined
    : failed(
        'create-failed',
        `${username} was dropped. ${describeFailure(creation, username, 'created again')}`,
        advice,
      );
}

/** @returns `undefined` if the cluster confirms every role */
export async function grantRoles(
  username: string,
  roles: readonly string[],
  admin: Admin,
  cluster: AdminCluster,
): Promise<Failure | undefined> {
  const ungranted = await grantEach(username, roles, admin, cluster);
  const names = ungranted.map(({ role }) => role);
  return ungranted.length === 0
    ? undefined
    : failed(
        'roles-missing',
        `AWSCURRENT is in force. The cluster did not confirm these roles of ${username}: ${names.join(', ')}. ${ungranted.at(-1)?.answer}`,
        adviceToRepeat(username, names),
      );
}

/** How to complete a recreation. The roles are named, because the cluster no longer knows them. */
export function adviceToRepeat(username: string, roles: readonly string[]): string {
  const options = roles.map((role) => ` --role ${role}`).join('');
  return `Run the command again with --recreate-user${options}. It creates ${username} if the user does not exist, and grants the roles that ${username} lacks.`;
}

function describeFailure(
  { kind, answer }: Exclude<AdminAnswer, { kind: 'done' }>,
  username: string,
  change: 'dropped' | 'created again',
): string {
  return kind === 'refused'
    ? `${username} was not ${change}. ${answer}`
    : `It is not known whether ${username} was ${change}. ${answer}`;
}
