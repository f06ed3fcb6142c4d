import { type Admin, ClusterUnavailableError } from '../../cluster/cluster.ts';
import type { AdminAnswer, AdminCluster } from '../cluster/admin-cluster.ts';
import type { Explained } from '../explained.ts';

/** Users that a cluster is lost without. */
const NEVER_DROPPED: readonly string[] = ['root', 'db_admin'];

export interface Recreation {
  readonly username: string;
  readonly password: string;
  /** False when a recreation was cut short before, and the user is gone already. */
  readonly exists: boolean;
  readonly roles: readonly string[];
}

/** Why a user must not be dropped; `undefined` when it may be. */
export function whyNotDropped(username: string, adminName: string | undefined): string | undefined {
  if (NEVER_DROPPED.includes(username)) {
    return `${username} is never dropped: without it nobody could mend the cluster.`;
  }
  return username === adminName ? `${username} is the admin itself.` : undefined;
}

/**
 * Drops the user and makes it anew with the same roles. Between the two the user does not exist; when it ends there,
 * what is returned says which roles are still to be granted.
 *
 * @returns `undefined` when all is done
 */
export async function recreateUser(
  { username, password, exists, roles }: Recreation,
  admin: Admin,
  cluster: AdminCluster,
): Promise<Explained | undefined> {
  if (exists) {
    const dropped = await answered(() => cluster.dropUser(admin, username));
    if (dropped !== undefined) {
      return failure('drop-failed', `${username} was not dropped. ${dropped}`, username, roles);
    }
  }
  const created = await answered(() => cluster.createUser(admin, username, password));
  if (created !== undefined) {
    return failure('create-failed', `${username} was dropped and not made anew. ${created}`, username, roles);
  }
  const missing: string[] = [];
  let reason = '';
  for (const role of roles) {
    const granted = await answered(() => cluster.grantRole(admin, username, role));
    if (granted !== undefined) {
      missing.push(role);
      reason = granted;
    }
  }
  return missing.length === 0
    ? undefined
    : {
        code: 'roles-missing',
        message: `${username} was made anew and lacks roles: ${missing.join(', ')}. ${reason}`,
        advice: `Grant them by hand: ${missing.join(', ')}. The password is stored and in force.`,
      };
}

/** @returns the cluster's refusal; `undefined` when it is done */
async function answered(act: () => Promise<AdminAnswer>): Promise<string | undefined> {
  try {
    const answer = await act();
    return answer.kind === 'refused' ? answer.answer : undefined;
  } catch (error) {
    if (error instanceof ClusterUnavailableError) {
      return error.message;
    }
    throw error;
  }
}

function failure(code: string, message: string, username: string, roles: readonly string[]): Explained {
  const again = roles.map((role) => ` --role ${role}`).join('');
  return {
    code,
    message,
    advice: `Run the command again with --recreate-user${again}. Without it, ${username} needs these roles: ${roles.join(', ') || 'none'}.`,
  };
}
