import type { SecretDescription } from '../../secret/store.ts';
import { RotationError } from './errors.ts';
import { accepts, acceptsInTime } from './logins.ts';
import type { RotationPorts, StoredCredential } from './ports.ts';
import type { Outcome } from './progress.ts';
import { readBoth } from './stored-credentials.ts';

/**
 * Proves that the pending password logs in, and that a password nobody has does not: with authorization switched off
 * every token passes, and a login would prove nothing.
 *
 * Pending may equal current: that is how Secrets Manager tests the function when a schedule is configured.
 */
export async function testSecret(
  ports: RotationPorts,
  description: SecretDescription,
  currentId: string,
  token: string,
): Promise<Outcome> {
  const { current, pending } = await readBoth(ports, description, currentId, token);
  if (pending.credentials.password === current.credentials.password) {
    await requireCurrentInForce(ports, current);
  } else if (!(await acceptsInTime(ports, pending.credentials))) {
    throw await rejected(ports, current, pending);
  }
  if (await accepts(ports, { ...pending.credentials, password: ports.newPassword() })) {
    throw new RotationError(
      'AUTHORIZATION_OFF',
      `${pending.credentials.endpoint.url} accepts a password that was never set.`,
    );
  }
  ports.report({ event: 'authorization-checked' });
  return 'tested';
}

/** No change came before this, so there is nothing to wait for. */
async function requireCurrentInForce(ports: RotationPorts, { credentials }: StoredCredential): Promise<void> {
  if (!(await accepts(ports, credentials))) {
    throw new RotationError(
      'CURRENT_REJECTED',
      `${credentials.endpoint.url} rejects the current password of ${credentials.username}.`,
    );
  }
}

/** The error for a pending password that is not in force, although setSecret saw it so. */
export async function rejected(
  ports: RotationPorts,
  current: StoredCredential,
  pending: StoredCredential,
): Promise<RotationError> {
  const { endpoint, username } = pending.credentials;
  const inForce = (await accepts(ports, current.credentials)) ? 'current' : 'not known';
  return new RotationError(
    'PENDING_REJECTED',
    `${endpoint.url} rejects the new password of ${username}; the current one is ${inForce === 'current' ? 'accepted' : 'rejected as well'}.`,
    inForce,
  );
}
