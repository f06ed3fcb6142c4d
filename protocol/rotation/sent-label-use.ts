import type { Credentials } from '../cluster/cluster.ts';
import type { AcceptedCredential } from '../credential/find-accepted.ts';
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
  type SentLabel,
  storedAt,
} from '../secret/versions.ts';
import type { SentLabelUse } from './progress.ts';

/** A version with a sent label, and why it keeps or loses the label. */
export interface UsedLabel extends LabelledVersion {
  readonly use: SentLabelUse;
}

/** The labels that a rotation may remove. Within a row, the oldest goes first. */
const REMOVED_FIRST: ReadonlyArray<readonly SentLabelUse[]> = [
  // AWSCURRENT and later AWSPREVIOUS protect this password.
  ['current'],
  ['obsolete'],
  ['other host or user', 'not a credential'],
  // The cluster may accept such a version, and AWS may deny it for a moment only.
  ['denied'],
  // AWSPREVIOUS protects this password until the rotation ends.
  ['accepted, previous'],
];

/**
 * Reads the versions that have a sent label, and why each keeps or loses it. Oldest first.
 *
 * @param next the user whose password a rotation changes.
 * @param accepted the password that a login has just proven.
 */
export async function classifySentLabels(
  secret: SecretDescription,
  listed: readonly ListedVersion[],
  {
    current,
    next,
    accepted,
  }: { current: UsableCredential; next: Credentials; accepted: AcceptedCredential | undefined },
  ports: ReadPorts,
): Promise<readonly UsedLabel[]> {
  const versions = await readLabelledVersions(secret, listed, ports);
  const proof = accepted && (await readProof(secret, listed, accepted, ports));
  const useOfAccepted = proof && describeAccepted(secret, listed, versions, current, proof);
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
  return REMOVED_FIRST.flatMap((uses) => sent.filter(({ use }) => uses.includes(use)));
}

/**
 * The password that a pending version can reuse: the newest one with a sent label that was never in
 * AWSCURRENT. It may be on its way to the cluster, or a rotation that lost AWSPENDING has set it.
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
  return accepted.stage === 'previous' ? 'accepted, previous' : 'accepted';
}

/**
 * When the version that was promoted last was stored. A person stored a version in AWSCURRENT
 * without a sent label, so the version before it counts. 0 if a person stored that one too.
 */
function lastPromotedVersionAt(description: SecretDescription, listed: readonly ListedVersion[]): number {
  const versions = [AWSCURRENT, AWSPREVIOUS].map((label) => holderOf(description, label) ?? '');
  const promoted = versions.find((versionId) => hasSentLabel(description, versionId));
  return promoted === undefined ? 0 : storedAt(listed, promoted);
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
