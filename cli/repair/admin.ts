import type { Admin, Credentials } from '../../cluster/cluster.ts';
import { EndpointError, parseEndpoint } from '../../cluster/endpoint.ts';
import type { EndpointOptions } from '../../credential/stored-credential.ts';
import { parseAdminCredential } from '../../secret/admin-credential.ts';
import { DocumentError } from '../../secret/document.ts';
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
  try {
    const credential = parseAdminCredential(text);
    const own = credential.endpoint === undefined ? endpoint : parseEndpoint(credential.endpoint, options.rules);
    return own.url === endpoint.url
      ? { kind: 'admin', admin: { endpoint, token: credential.token } }
      : unusable(name, `It is for ${own.url}, and the user that is to be reset is of ${endpoint.url}.`);
  } catch (error) {
    if (error instanceof DocumentError || error instanceof EndpointError) {
      return unusable(name, error.message);
    }
    throw error;
  }
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
