import type { Admin } from '../../cluster/cluster.ts';
import { ADMIN_USERNAMES } from '../../credential/admin-credential.ts';
import type { AdminAnswer, AdminCluster } from '../cluster/admin-cluster.ts';
import { failed, type RepairFailure } from './outcome.ts';

export interface Recreation {
  readonly username: string;
  /** False if an interrupted repair has already dropped the user. */
  readonly exists: boolean;
  readonly roles: readonly string[];
}

/**
 * @returns why the user is neither reset nor dropped; `undefined` if it may be. Whoever may write
 * a secret could otherwise name such a user in it and read its new password there.
 */
export function reasonNotToReset(username: string, adminName: string | undefined): string | undefined {
  if (ADMIN_USERNAMES.includes(username)) {
    return `The password of ${username} is not reset, because this user administers the cluster.`;
  }
  return username === adminName ? `${username} is the admin itself, so its password is not reset.` : undefined;
}

/**
 * Drops the user and creates it with the same roles. Between the two requests the user does not
 * exist. If the repair ends there, its failure names the roles and the next command.
 *
 * @returns `undefined` after success
 */
export async function recreateUser(
  { username, exists, roles }: Recreation,
  password: string,
  admin: Admin,
  cluster: AdminCluster,
): Promise<RepairFailure | undefined> {
  const roleOptions = roles.map((role) => ` --role ${role}`).join('');
  const advice = `Run the command again with --recreate-user${roleOptions}. Then check that ${username} has these roles: ${roles.join(', ') || 'none'}.`;
  if (exists) {
    const drop = await cluster.dropUser(admin, username);
    if (drop.kind !== 'done') {
      return failed('drop-failed', describeFailure(drop, username, 'dropped'), advice);
    }
  }
  const creation = await cluster.createUser(admin, username, password);
  if (creation.kind !== 'done') {
    return failed(
      'create-failed',
      `${username} was dropped. ${describeFailure(creation, username, 'created again')}`,
      advice,
    );
  }
  const ungranted: { role: string; answer: string }[] = [];
  for (const role of roles) {
    const grant = await cluster.grantRole(admin, username, role);
    if (grant.kind !== 'done') {
      ungranted.push({ role, answer: grant.answer });
    }
  }
  const missingRoles = ungranted.map(({ role }) => role).join(', ');
  return ungranted.length === 0
    ? undefined
    : failed(
        'roles-missing',
        `${username} was created again. The cluster did not confirm these roles: ${missingRoles}. ${ungranted.at(-1)?.answer}`,
        `The new password is stored and in force. Grant these roles yourself: ${missingRoles}.`,
      );
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
