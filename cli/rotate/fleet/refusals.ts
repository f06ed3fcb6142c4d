import { freeLabels, sentLabels } from '../../../protocol/secret/versions.ts';
import { labelsFull } from '../../examine/findings.ts';
import { comparedWithPins } from '../../examine/pins.ts';
import { staleCopiesFinding } from '../../examine/stale-copies.ts';
import { findSharedUsers, usersOfSecret } from '../../examine/users-of-secret.ts';
import { type CommandRefusal, refused } from '../../outcome/failure.ts';
import type { Ready } from '../check-secret.ts';

/**
 * Why createSecret would refuse AWSCURRENT for certain. Makes no login.
 *
 * @returns `undefined` if the rotation may succeed
 */
export function explainRefusedValue({ secret, previous, strategy }: Ready): CommandRefusal | undefined {
  const { name } = secret;
  const notPinned = comparedWithPins('AWSCURRENT', previous, strategy);
  if (notPinned !== undefined) {
    return refused(
      notPinned.code,
      `${notPinned.message} Every rotation fails.`,
      `Nothing was changed. Find out what to do with \`zilliz-rotation status ${name}\`.`,
    );
  }
  // The function may remove sent labels, but no label of the owner.
  const missing = sentLabels(secret).length === 0 ? Math.max(0, 1 - freeLabels(secret)) : 0;
  const finding = staleCopiesFinding({ current: previous, secret, strategy }) ?? labelsFull(name, missing);
  return finding && refused(finding.code, finding.message, `Nothing was changed. ${finding.advice}`);
}

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
  const explain = findSharedUsers(ready.map(({ users }) => users));
  return new Map(
    ready.flatMap(({ secretId, users }) => {
      const why = explain(users);
      return why === undefined
        ? []
        : [[secretId, { ...why, kind: 'refused', advice: `Nothing was changed. ${why.advice}` }] as const];
    }),
  );
}
