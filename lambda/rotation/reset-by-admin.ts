import { type Change, ClusterUnavailableError } from '../../cluster/cluster.ts';
import { EndpointError, parseEndpoint } from '../../cluster/endpoint.ts';
import { type AdminCredential, parseAdminCredential } from '../../secret/admin-credential.ts';
import { DocumentError } from '../../secret/document.ts';
import { RotationError } from './errors.ts';
import { noneInForce } from './find-in-force.ts';
import { acceptsInTime, requireTimeFor } from './logins.ts';
import type { RotationPorts, StoredCredential } from './ports.ts';
import type { Outcome } from './progress.ts';

/**
 * Sets the pending password with a second credential, once the cluster has rejected every stored one. Only a function
 * that was configured with an admin secret gets here, and it says so in its log.
 */
export async function resetByAdmin(
  ports: RotationPorts,
  current: StoredCredential,
  pending: StoredCredential,
): Promise<Outcome> {
  if (ports.readAdmin === undefined) {
    throw noneInForce(current);
  }
  const { endpoint, username, password } = pending.credentials;
  const admin = checked(await ports.readAdmin(), ports, current);
  requireTimeFor(2, ports, 'none of the stored');
  ports.report({ event: 'change-asked', from: 'admin' });
  let answer: Change | { kind: 'lost'; explanation: string };
  try {
    answer = await ports.cluster.resetPassword({ endpoint, token: admin.token }, username, password);
  } catch (error) {
    if (!(error instanceof ClusterUnavailableError)) {
      throw error;
    }
    answer = { kind: 'lost', explanation: error.message };
  }
  ports.report({ event: 'change-answered', answer });
  if (await acceptsInTime(ports, pending.credentials)) {
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
    `The reset of ${username} at ${endpoint.url} by the admin is not in force${answer.kind === 'lost' ? ` (${answer.explanation})` : ''}.`,
  );
}

function checked(text: string, ports: RotationPorts, current: StoredCredential): AdminCredential {
  try {
    const admin = parseAdminCredential(text);
    const { endpoint } = current.credentials;
    if (
      admin.endpoint !== undefined &&
      parseEndpoint(admin.endpoint, ports.settings.endpointRules).url !== endpoint.url
    ) {
      throw new RotationError('ADMIN_INVALID', `The admin secret is for another cluster than ${endpoint.url}.`);
    }
    return admin;
  } catch (error) {
    if (error instanceof DocumentError || error instanceof EndpointError) {
      throw new RotationError('ADMIN_INVALID', `The admin secret cannot be used. ${error.message}`);
    }
    throw error;
  }
}
