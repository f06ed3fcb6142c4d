import type { Credentials } from '../cluster/cluster.ts';
import { type AcceptedCredential, type AcceptedSearch, findAccepted } from '../credential/find-accepted.ts';
import {
  hasPassword,
  isObsolete,
  type LabelledVersion,
  type ProvenPassword,
  readLabelledVersions,
  readProof,
} from '../credential/labelled-versions.ts';
import type { ReadPorts } from '../credential/read-version.ts';
import {
  isSameUser,
  reasonToSkip,
  type StoredCredential,
  type UsableCredential,
} from '../credential/stored-credential.ts';
import type { ListedVersion, SecretDescription } from '../secret/secret-store.ts';
import {
  AWSCURRENT,
  AWSPREVIOUS,
  freeLabels,
  hasSentLabel,
  holderOf,
  MAX_LABELS,
  type SentLabel,
} from '../secret/versions.ts';
import { RotationError } from './errors.ts';
import { authorizationOff, loginPorts, undecidedError } from './logins.ts';
import type { RotationPorts } from './ports.ts';
import type { SentLabelUse } from './progress.ts';
import { readPorts } from './read-pair.ts';
import type { Attempt, RotationStrategy } from './strategies/strategy.ts';

/** A version with a sent label, and why it keeps or loses the label. */
export interface UsedLabel extends LabelledVersion {
  readonly use: SentLabelUse;
}

/**
 * Finds the stored password that the cluster accepts for one user of the secret.
 *
 * @param known versions that were read already. The first one is the pending version, if it has a
 * value.
 * @throws RotationError at the first answer that neither accepts nor rejects, or if the time runs
 * out, because the cluster may accept the password of a version that was not tried.
 */
export async function searchStoredPasswords(
  ports: RotationPorts,
  { description, token }: Attempt,
  user: UsableCredential['credentials'],
  known: readonly UsableCredential[],
): Promise<Extract<AcceptedSearch, { kind: 'found' | 'none' }>> {
  const pendingId = known.some(({ versionId }) => versionId === token) ? token : undefined;
  const search = await findAccepted({ secret: description, pendingId, known }, user, {
    ...readPorts(ports, description),
    ...loginPorts(ports),
    store: ports.store,
    report: ports.report,
  });
  switch (search.kind) {
    case 'undecided':
      throw undecidedError(search);
    case 'not-enforced':
      throw authorizationOff(user.endpoint.url);
    default:
      return search;
  }
}

/**
 * Removes sent labels only if Secrets Manager has no room for new ones. The order:
 *
 * 1. labels of the password in AWSCURRENT, if the rotation replaces it: AWSCURRENT and later
 *    AWSPREVIOUS protect it
 * 2. labels of passwords that a login has proven obsolete, oldest first
 * 3. labels of versions for another user or host, or without a credential, oldest first
 * 4. labels of versions that AWS does not let the function read, oldest first
 * 5. the label of the accepted password, if AWSPREVIOUS holds it: AWSPREVIOUS protects it until the
 *    rotation ends
 *
 * Any other password that the cluster may accept for a user of the secret keeps its label.
 *
 * @param needed how many new labels the caller must add.
 * @param wanted how many new labels the caller adds if there is room for them.
 * @param accepted the password that a login has just proven.
 * @returns for how many new labels there is room.
 * @throws RotationError LABELS_FULL before a label is removed, if there is no room for `needed`.
 */
export async function makeRoomForLabels(
  ports: RotationPorts,
  attempt: Attempt,
  current: UsableCredential,
  { needed, wanted = needed, accepted }: { needed: number; wanted?: number; accepted: AcceptedCredential | undefined },
): Promise<number> {
  const { description } = attempt;
  if (freeLabels(description) >= wanted) {
    return freeLabels(description);
  }
  const sent = await readSentLabels(ports, attempt, current, accepted);
  const { removed, room } = planRoom(description, removableLabels(sent), wanted);
  if (room < needed) {
    throw new RotationError(
      'LABELS_FULL',
      `${description.name} has no room for a label that the rotation needs. Secrets Manager allows ${MAX_LABELS} labels a secret.`,
    );
  }
  for (const { label, versionId, use } of removed) {
    await ports.store.removeLabel({ label, from: versionId });
    ports.report({ event: 'labels-full', versionId, why: use });
  }
  return room;
}

/**
 * Which labels go so that new ones have room, if room is missing.
 *
 * @param removable in the order of {@link removableLabels}
 * @param wanted how many new labels are added
 * @returns `room`: for how many new labels there is room then
 */
export function planRoom<Label extends SentLabel>(
  secret: SecretDescription,
  removable: readonly Label[],
  wanted: number,
): { readonly removed: readonly Label[]; readonly room: number } {
  const free = freeLabels(secret);
  const removed = removable.slice(0, Math.max(0, wanted - free));
  return { removed, room: free + removed.length };
}

/** @param accepted the password that a login has just proven. `undefined`: the cluster rejects all. */
export async function readSentLabels(
  ports: RotationPorts,
  { description: secret, strategy }: Attempt,
  current: UsableCredential,
  accepted: AcceptedCredential | undefined,
): Promise<readonly UsedLabel[]> {
  const labelled = { secret, strategy, current, accepted };
  return await classifySentLabels(labelled, await ports.store.list(), readPorts(ports, secret));
}

const REMOVED_FIRST: ReadonlyArray<(use: SentLabelUse) => boolean> = [
  (use) => use === 'current',
  (use) => use === 'obsolete',
  (use) => use === 'other host or user' || use === 'not a credential' || use === 'unreadable',
  (use) => use === 'denied',
  (use) => use === 'accepted, previous',
];

/** What {@link classifySentLabels} reads. */
export interface LabelledSecret {
  readonly secret: SecretDescription;
  readonly strategy: RotationStrategy;
  readonly current: UsableCredential;
  /** The password that a login has just proven. */
  readonly accepted: AcceptedCredential | undefined;
}

/** Reads the versions that have a sent label, and why each keeps or loses it. Oldest first. */
export async function classifySentLabels(
  { secret, strategy, current, accepted }: LabelledSecret,
  listed: readonly ListedVersion[],
  ports: ReadPorts,
): Promise<readonly UsedLabel[]> {
  const versions = await readLabelledVersions(secret, listed, ports);
  const proof = accepted && (await readProof(secret, listed, accepted, ports));
  const useOfAccepted = proof && describeAccepted(secret, listed, versions, current, proof);
  const next = strategy.next(current.credentials);
  return versions.map((version) => {
    const use = useWithoutProof(version.stored, current.credentials, next);
    if (proof !== undefined && isObsolete(version, proof) && use !== 'current') {
      return { ...version, use: 'obsolete' };
    }
    const isAccepted = proof !== undefined && use === 'may be accepted' && hasPassword(version.stored, proof.accepted);
    return { ...version, use: isAccepted ? (useOfAccepted ?? use) : use };
  });
}

/** The labels that a rotation may remove, in the order in which it removes them. */
export function removableLabels(sent: readonly UsedLabel[]): readonly UsedLabel[] {
  return REMOVED_FIRST.flatMap((isRemoved) => sent.filter(({ use }) => isRemoved(use)));
}

/**
 * The stored password that a pending version can have instead of a new password: the newest one
 * with a sent label that no version in AWSCURRENT had. It may still be on its way to the cluster,
 * or the cluster accepts it after a rotation that lost AWSPENDING.
 */
export function reusableLabel(sent: readonly UsedLabel[]): UsedLabel | undefined {
  return sent.findLast(({ use }) => use === 'may be accepted' || use === 'accepted, never current');
}

function useWithoutProof(stored: StoredCredential, current: Credentials, next: Credentials): SentLabelUse {
  const replacesCurrent = isSameUser(current, next);
  if (!replacesCurrent && reasonToSkip(stored, current) === undefined) {
    return 'user in AWSCURRENT';
  }
  const isCurrent = stored.kind === 'usable' && stored.credentials.password === current.password;
  return reasonToSkip(stored, next) ?? (replacesCurrent && isCurrent ? 'current' : 'may be accepted');
}

/**
 * Whether the accepted password was never in AWSCURRENT: it is newer than the version that was
 * promoted last, and an older password of the user is still stored. A person may have stored the
 * only password of the second user, which no rotation has set.
 */
function describeAccepted(
  description: SecretDescription,
  listed: readonly ListedVersion[],
  labelled: readonly LabelledVersion[],
  current: UsableCredential,
  { accepted, since }: ProvenPassword,
): SentLabelUse {
  const hasOlderPassword = [current, ...labelled.map(({ stored }) => stored)].some(
    (stored) =>
      stored.kind === 'usable' &&
      isSameUser(stored.credentials, accepted.credentials) &&
      stored.credentials.password !== accepted.credentials.password,
  );
  if (hasOlderPassword && since > lastPromotedVersionAt(description, listed)) {
    return 'accepted, never current';
  }
  return accepted.candidate.stage === 'previous' ? 'accepted, previous' : 'accepted';
}

/**
 * When the version that was promoted last was stored. A version in AWSCURRENT without a sent label
 * was stored by a person, so the version before it counts.
 */
function lastPromotedVersionAt(description: SecretDescription, listed: readonly ListedVersion[]): number {
  const currentId = holderOf(description, AWSCURRENT) ?? '';
  const promotedId = hasSentLabel(description, currentId) ? currentId : holderOf(description, AWSPREVIOUS);
  return listed.find(({ versionId }) => versionId === (promotedId ?? currentId))?.createdAt ?? 0;
}
