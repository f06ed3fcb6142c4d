import type { Admin, Credentials } from '../../cluster/cluster.ts';
import { readAdminCredential } from '../../credential/admin-credential.ts';
import type { EndpointOptions } from '../../credential/stored-credential.ts';
import type { SecretStore } from '../../secret/store.ts';
import { AWSCURRENT, holderOf } from '../../secret/versions.ts';
import type { Explained } from '../explained.ts';

/**
 * Reads `--admin-secret`, for the cluster of the user that is to be reset.
 *
 * @throws SecretStoreError
 */
export async function readAdmin(
  name: string,
  store: Pick<SecretStore, 'describe' | 'read'>,
  { endpoint }: Credentials,
  options: EndpointOptions,
): Promise<{ kind: 'admin'; admin: Admin } | ({ kind: 'refused' } & Explained)> {
  const currentId = holderOf(await store.describe(), AWSCURRENT);
  const text = currentId === undefined ? undefined : await store.read(currentId);
  if (text === undefined) {
    return unusable(name, 'It holds no value.');
  }
  const credential = readAdminCredential(text, endpoint, options.rules);
  return credential.kind === 'usable' ? { kind: 'admin', admin: credential.admin } : unusable(name, credential.problem);
}

/** The user that a token is of; `undefined` for an API key. */
export function usernameOf({ token }: Admin): string | undefined {
  const colon = token.indexOf(':');
  return colon === -1 ? undefined : token.slice(0, colon);
}

function unusable(name: string, why: string): { kind: 'refused' } & Explained {
  return {
    kind: 'refused',
    code: 'unusable-admin-secret',
    message: `The admin secret ${name} cannot be used. ${why}`,
    advice: "Name a secret that holds an admin's user:password, a JSON credential, or an API key.",
  };
}
