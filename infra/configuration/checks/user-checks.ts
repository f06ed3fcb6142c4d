import { endpointUrl } from '../../../protocol/cluster/endpoint.ts';
import { type Mistake, type Path, valueAt } from '../../rules/mistake.ts';
import { sameUserRule, userKey } from '../../rules/rotated-users.ts';

/** Two secrets for one user at one endpoint. Only the values of other secrets tell their users. */
export function sameUserMistakes(root: unknown, entries: readonly Path[]): Mistake[] {
  const first = new Map<string, number>();
  return entries.flatMap((entry, index) => {
    const endpoint = valueAt(root, [...entry, 'endpoint']) ?? valueAt(root, ['function', 'clusterEndpoint']);
    const url = typeof endpoint === 'string' ? endpointUrl(endpoint) : undefined;
    return url === undefined
      ? []
      : usersAt(root, entry).flatMap(({ path, value }): Mistake[] => {
          const key = userKey(url, value);
          const earlier = first.get(key) ?? index;
          first.set(key, earlier);
          return earlier === index ? [] : [{ path, value, rule: sameUserRule(`secrets[${earlier}]`) }];
        });
  });
}

function usersAt(root: unknown, entry: Path): ReadonlyArray<{ readonly path: Path; readonly value: string }> {
  return [['username'], ['usernames', 0], ['usernames', 1]].flatMap((key) => {
    const path = [...entry, ...key];
    const value = valueAt(root, path);
    return typeof value === 'string' ? [{ path, value }] : [];
  });
}
