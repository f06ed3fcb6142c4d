import type { ListedVersion, SecretDescription } from './store.ts';

export const AWSCURRENT = 'AWSCURRENT';
export const AWSPENDING = 'AWSPENDING';
export const AWSPREVIOUS = 'AWSPREVIOUS';

const SENT = 'zilliz-sent:';

/**
 * The sent label of a version: its password may have been sent to the cluster. Secrets Manager
 * never deletes a version that has a label, and lets each label sit on one version only, so every
 * version has a sent label of its own.
 */
export function sentLabel(versionId: string): string {
  return `${SENT}${versionId}`;
}

/** How many sent labels a secret may have, if its owner's labels leave the room. */
export const SENT_LABELS_AT_MOST = 10;

/** Secrets Manager's limit for the labels of one secret. */
const LABELS_AT_MOST = 20;

/** AWSCURRENT, AWSPENDING and AWSPREVIOUS. */
const AWS_LABELS = 3;

/**
 * createSecret adds a sent label before it removes one, and setSecret adds one to the version in
 * force.
 */
const SPARE_LABELS = 2;

/**
 * How many sent labels fit beside AWS's labels and those of the owner. Zero if the owner's labels
 * take all places.
 */
export function roomForSentLabels(description: SecretDescription): number {
  const owners = countLabels(description, (label) => !label.startsWith(SENT));
  return Math.max(0, Math.min(SENT_LABELS_AT_MOST, LABELS_AT_MOST - AWS_LABELS - SPARE_LABELS - owners));
}

/**
 * How many more labels fit beside AWS's labels, the sent labels and those of the owner. A rotation
 * needs one. Negative if AWS's own three labels do not all fit.
 */
export function freeLabels(description: SecretDescription): number {
  return LABELS_AT_MOST - AWS_LABELS - countLabels(description, () => true);
}

/** Counts labels other than AWS's. */
function countLabels({ versions }: SecretDescription, isCounted: (label: string) => boolean): number {
  const labels = versions.flatMap((version) => version.labels.filter((label) => !label.startsWith('AWS')));
  return labels.filter(isCounted).length;
}

/** The version that has a label. */
export function holderOf(description: SecretDescription, label: string): string | undefined {
  return description.versions.find((version) => version.labels.includes(label))?.versionId;
}

export function hasSentLabel(description: SecretDescription, versionId: string): boolean {
  return holderOf(description, sentLabel(versionId)) === versionId;
}

/** Versions that have a sent label, except one. */
export function sentVersions(description: SecretDescription, except: string): readonly string[] {
  return description.versions
    .filter((version) => version.versionId !== except && isSent(version))
    .map(({ versionId }) => versionId);
}

/**
 * A version whose password may be in force. The stage is the AWS label that it has; a version
 * without any of the three AWS labels is `stranded`.
 */
export interface Candidate {
  readonly versionId: string;
  readonly stage: 'pending' | 'current' | 'previous' | 'stranded';
}

/**
 * How many stranded versions are tried, one login each. Secrets Manager keeps this many versions
 * for certain.
 */
export const STRANDED_AT_MOST = 100;

/**
 * Orders the stored versions by how likely their passwords are in force: pending, current,
 * previous, then the stranded ones. Stranded versions with a sent label come before the others,
 * and newer versions before older ones. Versions made within one second have equal dates and are
 * ordered by id, so that every run tries them in the same order.
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
        Number(isSent(b)) - Number(isSent(a)) || b.createdAt - a.createdAt || (a.versionId < b.versionId ? -1 : 1),
    )
    .slice(0, STRANDED_AT_MOST);
  for (const { versionId } of stranded) {
    add(versionId, 'stranded');
  }
  return candidates;
}

function isSent({ versionId, labels }: { versionId: string; labels: readonly string[] }): boolean {
  return labels.includes(sentLabel(versionId));
}
