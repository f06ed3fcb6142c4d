import { findSharedUsers } from '../examine/shared-users.ts';
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
  const ready = checked
    .filter((each) => each.kind === 'ready')
    .map(({ secretId, secret, previous, strategy }) => {
      return { secretId, users: usersOfSecret(secret, previous.credentials, strategy) };
    });
  const shared = findSharedUsers(ready.map(({ users }) => users));
  return new Map(
    ready.flatMap(({ secretId, users: { arn, name, endpoint } }) => {
      const others = shared
        .filter(({ secrets }) => secrets.some((secret) => secret.arn === arn))
        .flatMap(({ secrets }) => secrets.filter((secret) => secret.arn !== arn).map((secret) => secret.name));
      const why = explainSameUser(name, endpoint, [...new Set(others)]);
      return why === undefined
        ? []
        : [[secretId, { ...why, kind: 'refused', advice: `Nothing was changed. ${why.advice}` }] as const];
    }),
  );
}
