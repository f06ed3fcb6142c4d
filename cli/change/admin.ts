import { ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import type { Endpoint } from '../../protocol/cluster/endpoint.ts';
import { type AdminCredential, readAdminCredential } from '../../protocol/credential/admin-credential.ts';
import type { AdminCluster } from '../cluster/admin-cluster.ts';
import { catchKnown, endWith, failed, refuse, unconfirmed } from '../outcome/failure.ts';
import type { ChangePorts } from './change-ports.ts';

/** The credential of an admin for one cluster, and the secret that holds it. */
export interface UsableAdmin extends Extract<AdminCredential, { kind: 'usable' }> {
  readonly adminSecret: string;
}

/**
 * @param endpoint the cluster that the admin secret must name. `--endpoint` names it for an admin
 * secret that names none.
 * @throws FailureError, SecretStoreError
 */
export async function readAdmin(
  adminSecret: string,
  endpoint: Endpoint,
  { readAdminText, endpoints: { rules, configured } }: Pick<ChangePorts, 'readAdminText' | 'endpoints'>,
): Promise<UsableAdmin> {
  const text = await readAdminText(adminSecret);
  const credential: AdminCredential =
    text === undefined
      ? { kind: 'unusable', problem: 'It holds no value.' }
      : readAdminCredential(text, endpoint, rules, configured);
  return credential.kind === 'usable'
    ? { ...credential, adminSecret }
    : refuse(
        'unusable-admin-secret',
        `The admin secret ${adminSecret} cannot be used. ${credential.problem}`,
        'Correct the admin secret, or name another secret with --admin-secret. For an admin secret without an endpoint, give --endpoint URL.',
      );
}

/**
 * Finds out which users the cluster does not have, after the operator has agreed: the first
 * requests with the token of the admin. A secret names the host that gets the token, so the
 * operator must check the host.
 *
 * @param place the account and the region in use
 * @throws FailureError
 */
export async function readAbsent(
  admin: UsableAdmin,
  usernames: readonly string[],
  place: string | undefined,
  ports: Pick<ChangePorts, 'askForConsent' | 'adminCluster'>,
): Promise<readonly string[]> {
  const { url } = admin.admin.endpoint;
  const first = `Log in at ${url} with the credential in ${admin.adminSecret}, and read the users and their roles`;
  await ports.askForConsent([first], {
    heading: 'plan, before the admin has read the users',
    place,
    question: `Send the admin's credential to ${url}?`,
  });
  const absent: string[] = [];
  for (const username of usernames) {
    if ((await readRoles(admin, username, ports.adminCluster)) === undefined) {
      absent.push(username);
    }
  }
  return absent;
}

/** @returns `undefined` if the user does not exist. @throws FailureError */
export async function readRoles(
  { admin, adminSecret }: UsableAdmin,
  username: string,
  cluster: AdminCluster,
): Promise<readonly string[] | undefined> {
  const user = await catchKnown(cluster.describeUser(admin, username), ClusterUnavailableError);
  if (user instanceof ClusterUnavailableError) {
    endWith(
      unconfirmed(
        'cluster-unavailable',
        user.message,
        'Nothing was changed. Run the command on a machine that reaches the cluster.',
      ),
    );
  }
  if (user.kind === 'refused') {
    endWith(
      failed(
        'admin-refused',
        `The cluster refuses to describe a user to the credential in ${adminSecret} (${user.answer}).`,
        `Nothing was changed. Use a valid credential with the role admin, or on Zilliz Cloud with the group ClusterAdmin. ${MAY_REJECT_EVERY_LOGIN}`,
      ),
    );
  }
  return user.kind === 'found' ? user.roles : undefined;
}

export const MAY_REJECT_EVERY_LOGIN: string =
  'If the cluster is new, or its proxies cannot reach the root coordinator, it rejects every login: wait and repeat the command. Otherwise correct the admin secret.';
