import type { Admin, Change, Cluster, Credentials } from '../../cluster/cluster.ts';
import { parseDocument } from '../../secret/document.ts';
import type { SecretStore } from '../../secret/store.ts';
import { sentLabel } from '../../secret/versions.ts';
import type { Clock } from '../clock.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import { loginPatiently } from '../cluster/login-patiently.ts';
import type { RepairOutcome } from './outcome.ts';
import { type Recreation, recreateUser } from './recreate-user.ts';

export interface Resetting {
  readonly current: Credentials;
  readonly currentId: string;
  readonly admin: Admin;
  /** How to make the user anew, when the cluster insists on the old password and the operator allows it. */
  readonly recreation: Omit<Recreation, 'password'> | undefined;
}

export interface ResetPorts {
  readonly store: SecretStore;
  readonly cluster: Cluster;
  readonly adminCluster: AdminCluster;
  readonly clock: Clock;
  readonly interrupted: AbortSignal;
  readonly randomId: () => string;
  readonly newPassword: () => string;
}

/** The new version is in force and stored, and not yet AWSCURRENT. `lacking` is what went wrong all the same. */
export interface Reset {
  readonly kind: 'reset';
  readonly versionId: string;
  readonly credentials: Credentials;
  readonly lacking: Extract<RepairOutcome, { kind: 'failed' }> | undefined;
}

/**
 * Gives the user a password again. It is stored first, under a label that keeps it from being deleted, and only then
 * sent: whatever happens in between, the next repair or rotation finds it.
 *
 * @throws SecretStoreError
 */
export async function resetPassword(of: Resetting, ports: ResetPorts): Promise<Reset | RepairOutcome> {
  const { store, randomId, newPassword } = ports;
  const text = await store.read(of.currentId);
  if (text === undefined) {
    return failed('no-value', 'AWSCURRENT can no longer be read.', 'Nothing was changed. Run the command again.');
  }
  const versionId = randomId();
  const password = newPassword();
  const label = sentLabel(versionId);
  await store.put({ versionId, value: parseDocument(text).withPassword(password), labels: [label] });
  const credentials = { ...of.current, password };

  const answer = await ports.cluster.resetPassword(of.admin, of.current.username, password);
  const done: Reset = { kind: 'reset', versionId, credentials, lacking: undefined };
  if (await isInForce(credentials, answer, ports)) {
    return done;
  }
  if (answer.kind === 'refused' && of.recreation !== undefined && answer.reason === 'old-password') {
    const wrong = await recreateUser({ ...of.recreation, password }, of.admin, ports.adminCluster);
    if (await isInForce(credentials, { kind: 'changed' }, ports)) {
      return { ...done, lacking: wrong === undefined ? undefined : { kind: 'failed', ...wrong } };
    }
    return wrong === undefined ? unsettled(of, 'The new user is rejected') : { kind: 'failed', ...wrong };
  }
  if (answer.kind === 'refused' && answer.reason !== 'unclear') {
    // Certainly not in force, so the version needs no label; labels are few.
    await store.removeLabel({ label, from: versionId });
    return refusedReset(of, answer.reason, answer.answer);
  }
  return unsettled(of, answer.kind === 'changed' ? 'The cluster reported success' : answer.answer);
}

/** After a refusal one login is enough; after anything else the change may still be on its way to every proxy. */
async function isInForce(credentials: Credentials, answer: Pick<Change, 'kind'>, ports: ResetPorts): Promise<boolean> {
  const patience = answer.kind === 'refused' ? 0 : undefined;
  return (await loginPatiently(credentials, ports, patience)).kind === 'accepted';
}

function refusedReset(
  { current, admin }: Resetting,
  reason: 'old-password' | 'new-password' | 'forbidden',
  answer: string,
): RepairOutcome {
  const { username, endpoint } = current;
  const where = `${username} at ${admin.endpoint.url}`;
  const console = `Reset the password in the console of ${endpoint.host} and store it in the secret`;
  switch (reason) {
    case 'old-password':
      return failed(
        'old-password-needed',
        `The cluster did not reset ${where} (${answer}): Milvus asks for the old password even of an admin, unless the admin is listed in common.security.superUsers.`,
        `${console}; or list the admin there and repeat; or repeat with --recreate-user, which drops ${username} and makes it anew with the same roles.`,
      );
    case 'forbidden':
      return failed(
        'admin-forbidden',
        `The admin may not change ${where} (${answer}).`,
        `${console}; or use a credential with the role admin, on Zilliz Cloud of the group ClusterAdmin.`,
      );
    case 'new-password':
      return failed(
        'password-refused',
        `The cluster refuses the generated password for ${where} (${answer}).`,
        `${console}.`,
      );
  }
}

function unsettled({ current }: Resetting, why: string): RepairOutcome {
  return failed(
    'unsettled',
    `Whether ${current.username} has the new password is not settled. ${why}`,
    'The new password is stored under a label of its own. Run the command again: it finds out which one is in force.',
  );
}

function failed(code: string, message: string, advice: string): Extract<RepairOutcome, { kind: 'failed' }> {
  return { kind: 'failed', code, message, advice };
}
