import type { Credentials } from '../../protocol/cluster/cluster.ts';

type Named = Pick<Credentials, 'username' | 'form'>;

/** How a message names a credential: by its user, or by the id of its API key. */
export function nameOf({ username, form }: Named): string {
  return form === 'api-key' ? `API key ${username}` : username;
}

/** How a message names a credential whose user, or id, may not be printed. */
export function unnamed(form: Credentials['form']): string {
  return form === 'api-key' ? 'the API key in AWSCURRENT' : 'the user in AWSCURRENT';
}

/**
 * Whether a stored id may be printed before the cluster has accepted its key. A person may have
 * swapped the id and the key, and a key does not start like an id.
 */
export function isPrintableId({ username, form }: Named): boolean {
  return form === 'api-key' && /^key-\w{1,40}$/.test(username);
}
