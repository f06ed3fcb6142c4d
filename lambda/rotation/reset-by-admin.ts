import { readAdminCredential } from '../../credential/admin-credential.ts';
import type { RotatedPair } from './attempt.ts';
import { RotationError } from './errors.ts';
import { noneInForce } from './find-in-force.ts';
import { canLogInAfterChange, requireTimeFor } from './logins.ts';
import type { RotationPorts } from './ports.ts';
import type { Outcome } from './progress.ts';

/**
 * Sets the pending password with the admin credential, after the cluster has rejected every stored password. Only a
 * function with an admin secret does this, and its log says so.
 */
export async function resetByAdmin(ports: RotationPorts, { current, pending }: RotatedPair): Promise<Outcome> {
  if (ports.readAdmin === undefined) {
    throw noneInForce(current);
  }
  const { endpoint, username, password } = pending.credentials;
  const credential = readAdminCredential(await ports.readAdmin(), endpoint, ports.settings.endpointRules);
  if (credential.kind === 'unusable') {
    throw new RotationError('ADMIN_INVALID', `The admin secret cannot be used. ${credential.problem}`);
  }
  requireTimeFor(2, ports, 'none of the stored');
  ports.report({ event: 'change-asked', from: 'admin' });
  const answer = await ports.cluster.resetPassword(credential.admin, username, password);
  ports.report({ event: 'change-answered', answer });
  if (await canLogInAfterChange(ports, pending.credentials)) {
    return 'reset-by-admin';
  }
  if (answer.kind === 'refused') {
    throw new RotationError(
      'ADMIN_REFUSED',
      `The admin credential may not reset ${username} at ${endpoint.url} (${answer.answer}).`,
      'none of the stored',
    );
  }
  throw new RotationError(
    'CHANGE_UNSETTLED',
    `The reset of ${username} at ${endpoint.url} by the admin is not in force${answer.kind === 'lost' ? ` (${answer.answer})` : ''}.`,
  );
}
