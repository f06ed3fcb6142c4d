import type { Credentials, Login } from '../../cluster/cluster.ts';
import type { RotationPorts } from '../ports.ts';
import type { PendingAttempt } from './strategy.ts';

/**
 * Logs in with both users, and reports different roles, or a current credential that is not valid
 * any more. Fails nothing, because the new credential is proven already.
 */
export async function compareUsers(
  ports: RotationPorts,
  { current, pending }: Pick<PendingAttempt, 'current' | 'pending'>,
): Promise<void> {
  const [ofCurrent, ofPending] = await Promise.all([
    tryLogin(ports, current.credentials),
    tryLogin(ports, pending.credentials),
  ]);
  if (ofCurrent?.kind === 'rejected') {
    ports.report({ event: 'current-rejected', username: current.credentials.username });
  }
  if (ofCurrent?.kind !== 'accepted' || ofPending?.kind !== 'accepted') {
    return;
  }
  const { missing, added } = differingRoles(ofCurrent.roles, ofPending.roles);
  if (missing.length > 0 || added.length > 0) {
    ports.report({ event: 'roles-differ', username: pending.credentials.username, missing, added });
  }
}

/** The roles that only one of two users has, so that a rotation takes them away or adds them. */
export function differingRoles(
  current: readonly string[],
  other: readonly string[],
): { readonly missing: readonly string[]; readonly added: readonly string[] } {
  return {
    missing: current.filter((role) => !other.includes(role)),
    added: other.filter((role) => !current.includes(role)),
  };
}

/** @returns undefined if the cluster gives no usable answer. */
async function tryLogin({ cluster }: RotationPorts, credentials: Credentials): Promise<Login | undefined> {
  try {
    return await cluster.authenticates(credentials);
  } catch {
    return undefined;
  }
}
