import type { ListedVersion, SecretDescription } from './secret-store.ts';

export const AWSCURRENT = 'AWSCURRENT';
export const AWSPENDING = 'AWSPENDING';
export const AWSPREVIOUS = 'AWSPREVIOUS';

const SENT = 'zilliz-sent:';

/**
 * The sent label that a version gets, because its password may have been sent to the cluster.
 * Secrets Manager never deletes a version that has a label, and lets each label sit on one version
 * only. If a later version reuses the password, it takes the label over.
 * ASSUMPTION sm-versions-kept
 */
export function sentLabel(versionId: string): string {
  return `${SENT}${versionId}`;
}

/** How many sent labels a secret may have before createSecret reuses a password. */
export const MAX_SENT_LABELS = 10;

/** Secrets Manager's limit for the labels of one secret. ASSUMPTION sm-labels-limit */
export const MAX_LABELS = 20;

/** AWSCURRENT, AWSPENDING and AWSPREVIOUS. */
const AWS_LABELS = 3;

/** The sent label of a new password, and that of the accepted version. */
export const LABELS_OF_NEW_PASSWORD = 2;

export function hasRoomForNewPassword(description: SecretDescription): boolean {
  return sentLabels(description).length < MAX_SENT_LABELS && freeLabels(description) >= LABELS_OF_NEW_PASSWORD;
}

/** How many more labels fit. Negative if AWS's own three labels do not all fit. */
export function freeLabels({ versions }: SecretDescription): number {
  const labels = versions.flatMap((version) => version.labels.filter((label) => !label.startsWith('AWS')));
  return MAX_LABELS - AWS_LABELS - labels.length;
}

/** The version that has a label. */
export function holderOf(description: SecretDescription, label: string): string | undefined {
  return description.versions.find((version) => version.labels.includes(label))?.versionId;
}

/**
 * When a version was stored, in milliseconds since the epoch. Infinity: it is so new that the list
 * lacks it, because Secrets Manager's answers may be some seconds old.
 */
export function storedAt(listed: readonly ListedVersion[], versionId: string): number {
  return listed.find((version) => version.versionId === versionId)?.createdAt ?? Number.POSITIVE_INFINITY;
}

/**
 * The version of a rotation that has not ended: it has AWSPENDING and not AWSCURRENT.
 * ASSUMPTION sm-incomplete
 */
export function unfinishedVersion(description: SecretDescription): string | undefined {
  const pending = holderOf(description, AWSPENDING);
  return pending === holderOf(description, AWSCURRENT) ? undefined : pending;
}

/**
 * Whether nobody has stored a value since the secret was created, and no rotation has. A person may
 * have removed AWSPREVIOUS after a rotation.
 */
export function isFirstValue(description: SecretDescription): boolean {
  return description.lastRotatedAt === undefined && holderOf(description, AWSPREVIOUS) === undefined;
}

/** A sent label, and the version that has it. */
export interface SentLabel {
  readonly label: string;
  readonly versionId: string;
}

export function sentLabels({ versions }: SecretDescription): readonly SentLabel[] {
  return versions.flatMap(({ versionId, labels }) => labels.filter(isSentLabel).map((label) => ({ label, versionId })));
}

export function hasSentLabel(description: SecretDescription, versionId: string): boolean {
  return sentLabels(description).some((sent) => sent.versionId === versionId);
}

/** The sent label that a version has, or gets. */
export function sentLabelOf(description: SecretDescription, versionId: string): string {
  return sentLabels(description).find((sent) => sent.versionId === versionId)?.label ?? sentLabel(versionId);
}

/**
 * Whether no sent label protects the password of a version. A later version with the same password
 * may have taken the label over.
 */
export function lacksSentLabel(description: SecretDescription, versionId: string): boolean {
  return !hasSentLabel(description, versionId) && holderOf(description, sentLabel(versionId)) === undefined;
}

/**
 * A version whose password may be accepted. The stage is the AWS label that it has; a version
 * without any of the three AWS labels is `stranded`.
 */
export interface Candidate {
  readonly versionId: string;
  readonly stage: 'pending' | 'current' | 'previous' | 'stranded';
}

/**
 * How many stranded versions are tried, one login each. Secrets Manager keeps this many versions
 * for certain. ASSUMPTION sm-versions-kept
 */
export const MAX_STRANDED = 100;

/**
 * Orders the stored versions by how likely their passwords are accepted: pending, current,
 * previous, then the stranded ones. Of these, the versions with a sent label come first, then newer
 * versions. Versions of one second are ordered by id, so that every run has the same order.
 */
export function orderCandidates(
  description: SecretDescription,
  listed: readonly ListedVersion[],
  pendingId: string | undefined,
): readonly Candidate[] {
  const candidates: Candidate[] = [];
  const add = (versionId: string | undefined, stage: Candidate['stage']): void => {
    if (versionId !== undefined && !candidates.some((candidate) => candidate.versionId === versionId)) {
      candidates.push({ versionId, stage });
    }
  };
  add(pendingId, 'pending');
  add(holderOf(description, AWSCURRENT), 'current');
  add(holderOf(description, AWSPREVIOUS), 'previous');
  const stranded = listed
    .filter(({ versionId }) => !candidates.some((candidate) => candidate.versionId === versionId))
    .toSorted(
      (a, b) =>
        Number(b.labels.some(isSentLabel)) - Number(a.labels.some(isSentLabel)) ||
        b.createdAt - a.createdAt ||
        (a.versionId < b.versionId ? -1 : 1),
    )
    .slice(0, MAX_STRANDED);
  for (const { versionId } of stranded) {
    add(versionId, 'stranded');
  }
  return candidates;
}

export function isSentLabel(label: string): boolean {
  return label.startsWith(SENT);
}
