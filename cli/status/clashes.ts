import type { Examination } from '../examine/examine-secret.ts';

/** Several secrets for one cluster user. A rotation of one secret makes the others wrong. */
export interface Clash {
  readonly endpoint: string;
  readonly username: string;
  /** Names of the secrets. */
  readonly secrets: readonly string[];
}

/**
 * A secret whose users take turns holds the passwords of both. One secret that is given twice, by
 * name and by ARN, is not a clash.
 */
export function findClashes(examinations: readonly Examination[]): readonly Clash[] {
  const users = new Map<string, { endpoint: string; username: string; secrets: Map<string, string> }>();
  for (const { current, secret, strategy } of examinations) {
    if (current !== undefined) {
      const { endpoint } = current.credentials;
      for (const username of new Set([current.credentials.username, ...strategy.users])) {
        const key = `${endpoint.url} ${username}`;
        const user = users.get(key) ?? { endpoint: endpoint.url, username, secrets: new Map() };
        user.secrets.set(secret.arn, secret.name);
        users.set(key, user);
      }
    }
  }
  return [...users.values()]
    .filter(({ secrets }) => secrets.size > 1)
    .map(({ secrets, ...user }) => ({ ...user, secrets: [...secrets.values()] }));
}
