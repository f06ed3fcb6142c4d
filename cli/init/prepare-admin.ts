import type { Endpoint } from '../../protocol/cluster/endpoint.ts';
import { ADMIN_USERNAMES } from '../../protocol/credential/admin-credential.ts';
import type { SecretStore } from '../../protocol/secret/secret-store.ts';
import { readAdmin, type UsableAdmin } from '../cluster/admin-requests.ts';
import type { ExaminePorts } from '../examine/examine-secret.ts';
import { type Failure, refused } from '../outcome/failure.ts';
import { type AskForConsent, askToUseAdmin } from '../terminal/ask-for-plan.ts';
import type { FoundUser } from './find-credentials.ts';

export interface PrepareAdminPorts extends Pick<ExaminePorts, 'endpoints' | 'interrupted'> {
  readonly adminStore: (secretId: string) => SecretStore;
  readonly askForConsent: AskForConsent;
}

/**
 * Reads the credential of the admin. Asks before the admin's first request, which reads the users
 * without a credential in force.
 *
 * @returns `undefined` without an admin
 * @throws SecretStoreError
 */
export async function prepareAdmin(
  adminSecret: string | undefined,
  endpoint: Endpoint,
  found: readonly FoundUser[],
  ports: PrepareAdminPorts,
): Promise<UsableAdmin | Failure | undefined> {
  const admin = adminSecret === undefined ? undefined : await readAdmin(adminSecret, endpoint, ports);
  if (admin !== undefined && admin.kind !== 'usable') {
    return admin;
  }
  const refusal = found.map(({ username }) => refusalOfAdmin(username, admin)).find((failure) => failure !== undefined);
  const unknown = found.filter(({ roles }) => roles === undefined).map(({ username }) => username);
  if (refusal !== undefined || admin === undefined || unknown.length === 0) {
    return refusal ?? admin;
  }
  const { url } = endpoint;
  const plan = [
    `Log in at ${url} with the credential in ${admin.adminSecret}, and find out whether ${unknown.join(' and ')} ${unknown.length === 1 ? 'exists' : 'exist'}`,
  ];
  return (await askToUseAdmin(plan, url, ports)) ?? admin;
}

function refusalOfAdmin(username: string, admin: UsableAdmin | undefined): Failure | undefined {
  return ADMIN_USERNAMES.includes(username) || username === admin?.username
    ? refused(
        'admin-user',
        `${username} administers the cluster, so this command does not take it into rotation.`,
        'Nothing was changed. Name a user that only applications use.',
      )
    : undefined;
}
