import { type Admin, ClusterUnavailableError } from '../../protocol/cluster/cluster.ts';
import type { Endpoint } from '../../protocol/cluster/endpoint.ts';
import { type AdminCredential, readAdminCredential } from '../../protocol/credential/admin-credential.ts';
import type { EndpointOptions } from '../../protocol/credential/stored-credential.ts';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { type Failure, failed, refused, unconfirmed } from '../outcome/failure.ts';
import type { AdminCluster, UserDescription } from './admin-cluster.ts';

/** The credential of an admin for one cluster, and the secret that holds it. */
export interface UsableAdmin extends Extract<AdminCredential, { kind: 'usable' }> {
  readonly adminSecret: string;
}

/**
 * @param endpoint the cluster that the admin secret must name. `--endpoint` names it for an admin
 * secret that names none.
 * @throws SecretStoreError
 */
export async function readAdmin(
  adminSecret: string,
  endpoint: Endpoint,
  {
    adminStore,
    endpoints: { rules, configured },
  }: { readonly adminStore: (secretId: string) => SecretStore; readonly endpoints: EndpointOptions },
): Promise<UsableAdmin | Failure> {
  const store = adminStore(adminSecret);
  const currentId = holderOf(await store.describe(), AWSCURRENT);
  const text = currentId === undefined ? undefined : await store.read(currentId);
  const credential: AdminCredential =
    text === undefined
      ? { kind: 'unusable', problem: 'It holds no value.' }
      : readAdminCredential(text, endpoint, rules, configured);
  return credential.kind === 'usable'
    ? { ...credential, adminSecret }
    : refused(
        'unusable-admin-secret',
        `The admin secret ${adminSecret} cannot be used. ${credential.problem}`,
        'Nothing was changed. Correct the admin secret, or name another secret with --admin-secret. For an admin secret without an endpoint, give --endpoint URL.',
      );
}

/** Advice after the cluster rejected the login of an admin. */
export const MAY_REJECT_EVERY_LOGIN: string =
  'If the cluster is new, or its proxies cannot reach the root coordinator, it rejects every login: wait and repeat the command. Otherwise correct the admin secret.';

/** Asks the cluster for a user. */
export async function describeUser(
  { admin, adminSecret }: UsableAdmin,
  username: string,
  cluster: AdminCluster,
): Promise<Exclude<UserDescription, { kind: 'refused' }> | Failure> {
  const user = await catchKnown(cluster.describeUser(admin, username), ClusterUnavailableError);
  if (user instanceof ClusterUnavailableError) {
    return unconfirmed(
      'cluster-unavailable',
      user.message,
      'Nothing was changed. Run the command on a machine that reaches the cluster.',
    );
  }
  return user.kind === 'refused'
    ? failed(
        'admin-refused',
        `The cluster refuses to describe ${username} to the credential in ${adminSecret} (${user.answer}).`,
        `Nothing was changed. Use a valid credential with the role admin, or on Zilliz Cloud with the group ClusterAdmin. ${MAY_REJECT_EVERY_LOGIN}`,
      )
    : user;
}

/** @returns the roles that the cluster did not confirm, with its answers */
export async function grantEach(
  username: string,
  roles: readonly string[],
  admin: Admin,
  cluster: AdminCluster,
): Promise<ReadonlyArray<{ readonly role: string; readonly answer: string }>> {
  const ungranted: { role: string; answer: string }[] = [];
  for (const role of roles) {
    const grant = await cluster.grantRole(admin, username, role);
    if (grant.kind !== 'done') {
      ungranted.push({ role, answer: grant.answer });
    }
  }
  return ungranted;
}
