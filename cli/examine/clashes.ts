import type { Examination } from './examine-secret.ts';

/** Several secrets for one cluster user: each rotation of one makes the others wrong. */
export interface Clash {
  readonly endpoint: string;
  readonly username: string;
  /** Names of the secrets. */
  readonly secrets: readonly string[];
}

/** Pure. A secret given twice, once by name and once by ARN, is no clash. */
export function clashesOf(examinations: readonly Examination[]): readonly Clash[] {
  const users = new Map<string, { endpoint: string; username: string; secrets: Map<string, string> }>();
  for (const { current, secret } of examinations) {
    if (current === undefined) {
      continue;
    }
    const endpoint = current.endpoint.url;
    const { username } = current;
    const user = users.get(`${endpoint} ${username}`) ?? { endpoint, username, secrets: new Map() };
    user.secrets.set(secret.arn, secret.name);
    users.set(`${endpoint} ${username}`, user);
  }
  return [...users.values()]
    .filter(({ secrets }) => secrets.size > 1)
    .map(({ secrets, ...user }) => ({ ...user, secrets: [...secrets.values()] }));
}
