import { type Admin, ClusterUnavailableError } from '../../cluster/cluster.ts';
import { ADMIN_USERNAMES } from '../../credential/admin-credential.ts';
import type { AdminAnswer, AdminCluster } from '../cluster/admin-cluster.ts';
import { failed, type RepairFailure } from './outcome.ts';

export interface Recreation {
  readonly username: string;
  /** False if an interrupted repair has already dropped the user. */
  readonly exists: boolean;
  readonly roles: readonly string[];
}

/** @returns `undefined` if the user may be dropped */
export function reasonNotToDrop(username: string, adminName: string | undefined): string | undefined {
  if (ADMIN_USERNAMES.includes(username)) {
    return `${username} is never dropped, because without this user nobody could repair the cluster.`;
  }
  return username === adminName ? `${username} is the admin itself, so it is not dropped.` : undefined;
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
  const advice = `Run the command again with --recreate-user${roleOptions}. If you create ${username} yourself, give it these roles: ${roles.join(', ') || 'none'}.`;
  if (exists) {
    const reason = await failureOf(cluster.dropUser(admin, username));
    if (reason !== undefined) {
      return failed('drop-failed', `${username} was not dropped. ${reason}`, advice);
    }
  }
  const reason = await failureOf(cluster.createUser(admin, username, password));
  if (reason !== undefined) {
    return failed('create-failed', `${username} was dropped and not created again. ${reason}`, advice);
  }
  const missing: { role: string; reason: string }[] = [];
  for (const role of roles) {
    const refusal = await failureOf(cluster.grantRole(admin, username, role));
    if (refusal !== undefined) {
      missing.push({ role, reason: refusal });
    }
  }
  const missingRoles = missing.map(({ role }) => role).join(', ');
  return missing.length === 0
    ? undefined
    : failed(
        'roles-missing',
        `${username} was created again and lacks roles: ${missingRoles}. ${missing.at(-1)?.reason}`,
        `The new password is stored and in force. Grant these roles yourself: ${missingRoles}.`,
      );
}

/**
 * Waits for the answer to a request.
 *
 * @returns `undefined` if the cluster carried the request out
 */
async function failureOf(request: Promise<AdminAnswer>): Promise<string | undefined> {
  try {
    const answer = await request;
    return answer.kind === 'refused' ? answer.answer : undefined;
  } catch (error) {
    if (error instanceof ClusterUnavailableError) {
      return error.message;
    }
    throw error;
  }
}
