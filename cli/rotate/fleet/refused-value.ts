import { freeLabels, sentLabels } from '../../../protocol/secret/versions.ts';
import { howToRemoveLabels } from '../../examine/label-room.ts';
import { comparedWithPins } from '../../examine/pins.ts';
import { refusalOfStaleCopies } from '../../examine/stale-copies.ts';
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
  const staleCopies = refusalOfStaleCopies({ current: previous, secret, strategy });
  if (staleCopies !== undefined) {
    return staleCopies;
  }
  // The function may remove sent labels, but no label of the owner.
  const missing = sentLabels(secret).length === 0 ? Math.max(0, 1 - freeLabels(secret)) : 0;
  return missing === 0
    ? undefined
    : refused(
        'labels-full',
        `The next rotation of ${name} has no room for its label. Secrets Manager allows 20 labels a secret.`,
        `Nothing was changed. ${howToRemoveLabels(name, missing)}`,
      );
}
