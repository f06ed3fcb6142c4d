import { MAX_KEYS } from '../../protocol/keys/control-plane.ts';
import { hasRoomForNewPassword } from '../../protocol/secret/versions.ts';
import { truncatedList } from '../outcome/failure.ts';
import type { Examination } from './examination.ts';
import { type Finding, notice, problem } from './finding.ts';

/** Above so many keys of an organization, `status` warns. */
const WARN_ABOVE = 0.8 * MAX_KEYS;

/** So many replaced keys stay only if rotations cannot delete them, or follow each other fast. */
const MANY_NOT_DELETED = 3;

export function keyFindings(examination: Examination): ReadonlyArray<Finding | undefined> {
  return [...findingsOfControlPlane(examination), notDeletedFinding(examination)];
}

function notDeletedFinding({ labelRoom, secret }: Examination): Finding | undefined {
  const { notDeleted } = labelRoom ?? { notDeleted: [] };
  if (notDeleted.length < MANY_NOT_DELETED) {
    return undefined;
  }
  const isFull = !hasRoomForNewPassword(secret);
  const effect = isFull ? ' No label is free, so the next rotation fails unless it can delete them.' : '';
  const versions = truncatedList(notDeleted.map(({ versionId }) => versionId));
  return (isFull ? problem : notice)(
    'keys-not-deleted',
    `Rotations have not deleted ${notDeleted.length} replaced API keys, of the versions ${versions}.${effect}`,
    `The log of the function says why (docs/operations.md#no-label-is-free). If the minimum gap has not passed, wait. Otherwise remove the cause, or delete the keys in the console of Zilliz Cloud, but none that \`zilliz-rotation status ${secret.name}\` shows beside AWSCURRENT, AWSPENDING or AWSPREVIOUS. Then rotate: \`zilliz-rotation rotate ${secret.name}\`.`,
  );
}

function findingsOfControlPlane({ keys, secret }: Examination): ReadonlyArray<Finding | undefined> {
  if (keys === undefined || 'severity' in keys) {
    return [keys];
  }
  const { refusal, listed, orphans } = keys;
  const count = listed.length;
  const isFull = count - orphans.length >= MAX_KEYS;
  return [
    refusal,
    count > WARN_ABOVE
      ? (isFull ? problem : notice)(
          'key-quota',
          `The organization has ${count} of ${MAX_KEYS} API keys.${isFull ? ' No rotation can create another one.' : ''}`,
          'Delete API keys that nobody uses in the console of Zilliz Cloud.',
        )
      : undefined,
    orphans.length > 0
      ? notice(
          'key-orphans',
          `A rotation of this secret created API keys that no version names: ${truncatedList(orphans.map(({ id }) => id))}.`,
          `The next rotation deletes them: \`zilliz-rotation rotate ${secret.name}\`.`,
        )
      : undefined,
  ];
}
