import { explainSameUser, usersOfSecret } from '../examine/users-of-secret.ts';
import type { CommandRefusal } from '../outcome/failure.ts';
import type { Ready } from './check-secret.ts';

/**
 * Finds secrets that hold the same cluster user: a rotation of one changes the password, and the
 * other keeps the old one. Compares these secrets only. `status` and `doctor` search further. A
 * secret that was refused already does not count, because it does not rotate.
 *
 * @returns why a secret must not rotate, by its id as given
 */
export function findCommonUsers(checked: readonly (Ready | CommandRefusal)[]): ReadonlyMap<string, CommandRefusal> {
  const known = checked
    .filter((each) => each.kind === 'ready')
    .map(({ secretId, secret, previous, strategy }) => {
      return { secretId, ...usersOfSecret(secret, previous.credentials, strategy) };
    });
  const holders = known.flatMap((users) => users.usernames.map((username) => ({ ...users, username })));
  const byUser = Map.groupBy(holders, ({ endpoint, username }) => `${endpoint} ${username}`);
  return new Map(
    known.flatMap(({ secretId, arn, name, endpoint, usernames }) => {
      const others = usernames
        .flatMap((username) => byUser.get(`${endpoint} ${username}`) ?? [])
        .filter((holder) => holder.arn !== arn)
        .map((holder) => holder.name);
      const why = explainSameUser(name, endpoint, [...new Set(others)]);
      return why === undefined
        ? []
        : [[secretId, { ...why, kind: 'refused', advice: `Nothing was changed. ${why.advice}` }] as const];
    }),
  );
}
