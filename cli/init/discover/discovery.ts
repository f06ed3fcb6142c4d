import type { Credentials } from '../../../protocol/cluster/cluster.ts';
import type { RotatingSecret } from '../../aws/aws.ts';
import type { UsersOfSecret } from '../../examine/same-user/compare-users.ts';
import type { SameUserSearch } from '../../examine/same-user/find-same-user.ts';
import { explainSameUser } from '../../examine/same-user/same-user-texts.ts';
import type { Explanation } from '../../outcome/explanation.ts';
import type { UnrotatedSecret } from './find-unrotated.ts';

/** What `init --discover` found. Only hosts and usernames of the values are printed. */
export interface Discovery {
  readonly credentials: readonly {
    readonly secret: string;
    readonly endpoint: string;
    readonly username: string;
    /** Other secrets that hold the user. */
    readonly sameUser: readonly string[];
    /** Why the secret cannot be taken into rotation. `undefined` if it can. */
    readonly clash: Explanation | undefined;
  }[];
  /** Secrets that look like a credential of a cluster, with what is missing. */
  readonly incomplete: readonly { readonly secret: string; readonly reason: string }[];
  readonly searched: number;
  /** Names of the secrets whose values AWS does not let the caller read. */
  readonly denied: readonly string[];
  /** What could not be compared, and why. */
  readonly notes: readonly string[];
}

/**
 * Compares the user of each credential with those of the other credentials without rotation, and
 * with those of all secrets that a search for the same user finds.
 */
export async function toDiscovery(
  unrotated: readonly UnrotatedSecret[],
  findSameUser: (users: UsersOfSecret) => Promise<SameUserSearch>,
): Promise<Discovery> {
  const usable = unrotated.flatMap(({ secret, current }) =>
    current?.kind === 'usable' ? [{ name: secret.name, users: usersOfUnrotated(secret, current.credentials) }] : [],
  );
  const sharing = Map.groupBy(usable, ({ users }) => userText(users));
  const notes = new Set<string>();
  const credentials = [];
  for (const { name, users } of usable) {
    const { endpoint, usernames } = users;
    const [username = ''] = usernames;
    const search = await findSameUser(users);
    for (const note of search.notes) {
      notes.add(note);
    }
    const found = (sharing.get(userText(users)) ?? []).map((other) => other.name);
    const names = new Set([...found, ...search.others.map(({ secret }) => secret)]);
    names.delete(name);
    const others = [...names].toSorted().map((secret) => ({ secret, username }));
    credentials.push({
      secret: name,
      endpoint,
      username,
      sameUser: others.map(({ secret }) => secret),
      clash: explainSameUser(name, endpoint, { others, notes: [] }),
    });
  }
  const incomplete = unrotated.flatMap(({ secret, current }) =>
    current?.kind === 'unusable' && current.reason === 'endpoint'
      ? [{ secret: secret.name, reason: current.problem }]
      : [],
  );
  const denied = unrotated.filter(({ current }) => current === undefined).map(({ secret }) => secret.name);
  return { credentials, incomplete, searched: unrotated.length, denied, notes: [...notes] };
}

function usersOfUnrotated({ arn, name }: RotatingSecret, { endpoint, username }: Credentials): UsersOfSecret {
  return { arn, name, rotationFunctionArn: undefined, endpoint: endpoint.url, usernames: [username] };
}

function userText({ endpoint, usernames }: UsersOfSecret): string {
  return `${usernames.join()} at ${endpoint}`;
}
