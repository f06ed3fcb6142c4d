import type { Examination } from '../examine/examination.ts';

/** Several secrets for one cluster user. A rotation of one secret makes the others wrong. */
export interface Clash {
  readonly endpoint: string;
  /** `null`: the name may be a part of a password. */
  readonly username: string | null;
  /** Names of the secrets. */
  readonly secrets: readonly string[];
}

/**
 * A secret whose users take turns holds the passwords of both. One secret that is given twice, by
 * name and by ARN, is not a clash.
 */
export function findClashes(examinations: readonly Examination[]): readonly Clash[] {
  const holders = examinations.flatMap((examination) => {
    const { endpoint, username } = examination.current?.credentials ?? {};
    return endpoint === undefined || username === undefined
      ? []
      : [...new Set([username, ...examination.strategy.users])].map((user) => ({
          ...examination,
          user,
          endpoint: endpoint.url,
        }));
  });
  return [...Map.groupBy(holders, ({ endpoint, user }) => `${endpoint} ${user}`).values()].flatMap((group) => {
    const [first] = group;
    const names = new Map(group.map(({ secret }) => [secret.arn, secret.name]));
    const isKnown = first !== undefined && group.some(({ knownUsers }) => knownUsers.has(first.user));
    return first === undefined || names.size < 2
      ? []
      : [{ endpoint: first.endpoint, username: isKnown ? first.user : null, secrets: [...names.values()] }];
  });
}
