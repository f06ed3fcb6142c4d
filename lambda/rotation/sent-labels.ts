import { reasonToSkip, type UsableCredential } from '../../credential/stored-credential.ts';
import { freeLabels, LABELS_AT_MOST, type SentLabel, sentLabels } from '../../secret/versions.ts';
import type { Attempt } from './attempt.ts';
import { RotationError } from './errors.ts';
import type { RotationPorts } from './ports.ts';
import type { SentLabelUse } from './progress.ts';
import { readVersionUnlessDenied } from './read-credentials.ts';

interface ReadSentLabel extends SentLabel {
  readonly password: string | undefined;
  readonly use: SentLabelUse;
}

/**
 * Finds the newest password with a sent label that a version can have instead of a new password.
 * If the current version has a sent label, older passwords are not used again, because most of
 * them have been in force before.
 */
export async function findReusablePassword(
  ports: RotationPorts,
  attempt: Attempt,
  current: UsableCredential,
): Promise<ReadSentLabel | undefined> {
  const sent = await readSentLabels(ports, attempt, current);
  const newer = sent.slice(sent.findLastIndex(({ use }) => use === 'current') + 1);
  return newer.findLast(({ use }) => use === 'may be in force');
}

/**
 * Removes sent labels only if Secrets Manager has no room for new ones. The order:
 *
 * 1. labels of the current password, which AWSCURRENT and later AWSPREVIOUS protect
 * 2. labels of versions for another user or host, or without a credential, oldest first
 * 3. labels of versions that AWS does not let the function read, oldest first
 *
 * A password that may be in force for the current user keeps its label.
 *
 * @param needed how many new labels the caller must add.
 * @param wanted how many new labels the caller adds if there is room for them.
 * @returns for how many new labels there is room.
 * @throws RotationError LABELS_FULL before a label is removed, if there is no room for `needed`.
 */
export async function makeRoomForLabels(
  ports: RotationPorts,
  attempt: Attempt,
  current: UsableCredential,
  { needed, wanted = needed }: { needed: number; wanted?: number },
): Promise<number> {
  const free = freeLabels(attempt.description);
  if (free >= wanted) {
    return free;
  }
  const sent = await readSentLabels(ports, attempt, current);
  const removable = [
    ...sent.filter(({ use }) => use === 'current'),
    ...sent.filter(({ use }) => !['current', 'denied', 'may be in force'].includes(use)),
    ...sent.filter(({ use }) => use === 'denied'),
  ].slice(0, wanted - free);
  if (free + removable.length < needed) {
    throw new RotationError(
      'LABELS_FULL',
      `${attempt.description.name} has no room for a label that the rotation needs. Secrets Manager allows ${LABELS_AT_MOST} labels a secret.`,
    );
  }
  for (const { label, versionId, use } of removable) {
    await ports.store.removeLabel({ label, from: versionId });
    ports.report({ event: 'labels-full', versionId, why: use });
  }
  return free + removable.length;
}

/** Reads the versions that have a sent label. Oldest first. */
async function readSentLabels(
  ports: RotationPorts,
  { description }: Attempt,
  current: UsableCredential,
): Promise<readonly ReadSentLabel[]> {
  const dates = new Map((await ports.store.list()).map(({ versionId, createdAt }) => [versionId, createdAt]));
  const dateOf = ({ versionId }: SentLabel): number => dates.get(versionId) ?? 0;
  const read: ReadSentLabel[] = [];
  for (const sent of sentLabels(description).toSorted((a, b) => dateOf(a) - dateOf(b))) {
    const stored = await readVersionUnlessDenied(ports, description, sent.versionId);
    const password = stored.kind === 'usable' ? stored.credentials.password : undefined;
    const useOfOwn = password === current.credentials.password ? 'current' : 'may be in force';
    read.push({ ...sent, password, use: reasonToSkip(stored, current.credentials) ?? useOfOwn });
  }
  return read;
}
