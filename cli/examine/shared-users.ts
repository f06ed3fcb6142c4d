import type { UsersOfSecret } from './users-of-secret.ts';

/** A cluster user that several secrets hold. A rotation of one secret makes the others wrong. */
export interface SharedUser {
  readonly endpoint: string;
  readonly username: string;
  readonly secrets: readonly UsersOfSecret[];
}

/** Compares these secrets only. One secret that is given by name and by ARN shares nothing. */
export function findSharedUsers(compared: readonly UsersOfSecret[]): readonly SharedUser[] {
  const holders = compared.flatMap((secret) => secret.usernames.map((username) => ({ username, secret })));
  const groups = Map.groupBy(holders, ({ username, secret }) => `${secret.endpoint} ${username}`);
  return [...groups.values()].flatMap((group) => {
    const secrets = [...new Map(group.map(({ secret }) => [secret.arn, secret])).values()];
    const [first] = group;
    return first === undefined || secrets.length < 2
      ? []
      : [{ endpoint: first.secret.endpoint, username: first.username, secrets }];
  });
}

export function othersWithUser(shared: readonly SharedUser[], { arn }: Pick<UsersOfSecret, 'arn'>): readonly string[] {
  const holders = shared.filter(({ secrets }) => secrets.some((secret) => secret.arn === arn));
  const others = holders.flatMap(({ secrets }) => secrets.filter((secret) => secret.arn !== arn));
  return [...new Set(others.map(({ name }) => name))];
}
