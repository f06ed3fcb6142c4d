import { readLabelledVersions } from '../../credential/labelled-versions.ts';
import { isSameUser, type UsableCredential } from '../../credential/stored-credential.ts';
import { freeLabels, lacksSentLabel, sentLabel } from '../../secret/versions.ts';
import type { Attempt } from '../attempt.ts';
import { canLogIn } from '../logins.ts';
import type { RotationPorts } from '../ports.ts';
import { readPorts } from '../read-pair.ts';
import { compareUsers } from './compare-users.ts';
import { removePendingWithinMinimumGap } from './minimum-gap.ts';
import type { RotationStrategy } from './strategy.ts';

/**
 * Two users take turns. A rotation changes the password of the user that is not in AWSCURRENT, so
 * the credential in AWSCURRENT stays accepted until the next rotation.
 */
export function alternatingUsers(users: readonly [string, string]): RotationStrategy {
  const [first, second] = users;
  return {
    name: 'alternating-users',
    title: 'two users that take turns',
    users,
    keepsCurrent: true,
    next: (current) => ({ ...current, username: current.username === first ? second : first }),
    requireStart: removePendingWithinMinimumGap,
    keepFindable: addSentLabelToCurrent,
    compare: compareUsers,
  };
}

/**
 * Adds a sent label to the version in AWSCURRENT if the version has none because a person stored
 * it. The next rotation starts from this credential, and AWSPREVIOUS alone would be lost with the
 * next value that a person stores.
 *
 * If there is little room, logs in with this credential. An accepted login proves that older
 * passwords of its user are obsolete, so the sent labels of their versions are removed first.
 */
async function addSentLabelToCurrent(
  ports: RotationPorts,
  attempt: Attempt,
  { versionId, credentials }: UsableCredential,
): Promise<void> {
  const { description } = attempt;
  if (!lacksSentLabel(description, versionId)) {
    return;
  }
  // One label stays free for the accepted version of the other user.
  let free = freeLabels(description) - 1;
  if (free < 1 && (await canLogIn(ports, credentials))) {
    const labelled = await readLabelledVersions(description, await ports.store.list(), readPorts(ports, description));
    for (const { label, versionId: from, stored } of labelled) {
      if (stored.kind === 'usable' && isSameUser(stored.credentials, credentials)) {
        await ports.store.removeLabel({ label, from });
        ports.report({ event: 'label-retired', versionId: from });
        free += 1;
      }
    }
  }
  if (free < 1) {
    ports.report({ event: 'labels-full', versionId, why: 'user in AWSCURRENT' });
    return;
  }
  await ports.store.addLabel({ label: sentLabel(versionId), to: versionId });
}
