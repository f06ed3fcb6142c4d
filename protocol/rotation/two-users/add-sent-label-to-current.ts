import { keepsCurrentValid } from '../../credential/rotation-strategy.ts';
import type { UsableCredential } from '../../credential/stored-credential.ts';
import { freeLabels, lacksSentLabel, sentLabel } from '../../secret/versions.ts';
import type { Attempt } from '../attempt.ts';
import { canLogIn } from '../logins.ts';
import type { RotationPorts } from '../ports.ts';
import { readSentLabels } from '../sent-labels.ts';

/**
 * Adds a sent label to the version in AWSCURRENT, if its credential stays valid after the rotation
 * and the version has none because a person stored it. The next rotation starts from this
 * credential, and AWSPREVIOUS alone would be lost with the next value that a person stores.
 *
 * If there is little room, logs in with this credential. An accepted login proves that older
 * passwords of its user are obsolete, so the sent labels of their versions are removed first.
 */
export async function addSentLabelToCurrent(
  ports: RotationPorts,
  attempt: Attempt,
  { versionId, credentials }: UsableCredential,
): Promise<void> {
  const { description, strategy } = attempt;
  if (!keepsCurrentValid(strategy, credentials) || !lacksSentLabel(description, versionId)) {
    return;
  }
  // One label stays free for the version in force of the other user.
  let free = freeLabels(description) - 1;
  if (free < 1 && (await canLogIn(ports, credentials))) {
    for (const sent of await readSentLabels(ports, attempt, credentials)) {
      if (sent.use === 'user in AWSCURRENT') {
        await ports.store.removeLabel({ label: sent.label, from: sent.versionId });
        ports.report({ event: 'label-retired', versionId: sent.versionId });
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
