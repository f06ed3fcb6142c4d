import type { Credentials } from '../cluster/cluster.ts';
import { keepsCurrentValid, rotatedCredentials } from '../credential/rotation-strategy.ts';
import { reasonToSkip, type StoredCredential, type UsableCredential } from '../credential/stored-credential.ts';
import { AWSPREVIOUS, freeLabels, holderOf, LABELS_AT_MOST, type SentLabel, sentLabels } from '../secret/versions.ts';
import type { Attempt } from './attempt.ts';
import { RotationError } from './errors.ts';
import type { RotationPorts } from './ports.ts';
import type { SentLabelUse } from './progress.ts';
import { readVersionUnlessDenied } from './read-credentials.ts';

export interface ReadSentLabel extends SentLabel {
  readonly password: string | undefined;
  readonly use: SentLabelUse;
}

/**
 * Finds a stored password that the pending version can have instead of a new password: the newest
 * one with a sent label. It must be newer than the password that the rotation replaces. That
 * password is in AWSCURRENT for a single user, and in AWSPREVIOUS for two users. If two users have
 * no sent label on AWSPREVIOUS, the oldest password counts as the one that is replaced.
 */
export async function findReusablePassword(
  ports: RotationPorts,
  attempt: Attempt,
  current: UsableCredential,
): Promise<ReadSentLabel | undefined> {
  const sent = await readSentLabels(ports, attempt, current.credentials);
  const replacedId = holderOf(attempt.description, AWSPREVIOUS);
  const takeTurns = keepsCurrentValid(attempt.strategy, current.credentials);
  const replaced = sent.findLastIndex(({ use, versionId }) =>
    takeTurns ? versionId === replacedId : use === 'current',
  );
  const newer = sent.slice(replaced + 1).filter(({ use }) => use === 'may be in force');
  return newer.slice(takeTurns && replaced === -1 ? 1 : 0).at(-1);
}

/**
 * Removes sent labels only if Secrets Manager has no room for new ones. The order:
 *
 * 1. labels of the password that the rotation replaces, which AWSCURRENT and later AWSPREVIOUS
 *    protect
 * 2. labels of versions for another user or host, or without a credential, oldest first
 * 3. labels of versions that AWS does not let the function read, oldest first
 *
 * A password that may be in force for a user of the secret keeps its label.
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
  const sent = await readSentLabels(ports, attempt, current.credentials);
  const removable = [
    ...sent.filter(({ use }) => use === 'current'),
    ...sent.filter(({ use }) => !['current', 'denied', 'may be in force', 'user in AWSCURRENT'].includes(use)),
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
export async function readSentLabels(
  ports: RotationPorts,
  { description, strategy }: Attempt,
  current: Credentials,
): Promise<readonly ReadSentLabel[]> {
  const rotated = rotatedCredentials(strategy, current);
  const useOf = (stored: StoredCredential): SentLabelUse => {
    if (keepsCurrentValid(strategy, current)) {
      const isCurrentUser = reasonToSkip(stored, current) === undefined;
      return isCurrentUser ? 'user in AWSCURRENT' : (reasonToSkip(stored, rotated) ?? 'may be in force');
    }
    const isCurrent = stored.kind === 'usable' && stored.credentials.password === current.password;
    return reasonToSkip(stored, rotated) ?? (isCurrent ? 'current' : 'may be in force');
  };
  const dates = new Map((await ports.store.list()).map(({ versionId, createdAt }) => [versionId, createdAt]));
  const dateOf = ({ versionId }: SentLabel): number => dates.get(versionId) ?? 0;
  const read: ReadSentLabel[] = [];
  for (const sent of sentLabels(description).toSorted((a, b) => dateOf(a) - dateOf(b))) {
    const stored = await readVersionUnlessDenied(ports, description, sent.versionId);
    const password = stored.kind === 'usable' ? stored.credentials.password : undefined;
    read.push({ ...sent, password, use: useOf(stored) });
  }
  return read;
}
