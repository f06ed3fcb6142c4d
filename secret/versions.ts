import type { ListedVersion, SecretDescription } from './store.ts';

export const AWSCURRENT = 'AWSCURRENT';
export const AWSPENDING = 'AWSPENDING';
export const AWSPREVIOUS = 'AWSPREVIOUS';

const SENT = 'zilliz-sent:';

/**
 * The label of a version whose password may have been sent to the cluster. One label a version, because Secrets Manager
 * lets a label sit on one version only; put together with AWSPENDING in one call, so that there is no moment in which
 * the password could reach the cluster and the version could be deleted.
 */
export function sentLabel(versionId: string): string {
  return `${SENT}${versionId}`;
}

/**
 * How many sent labels may exist. Secrets Manager allows 20 labels a secret; AWS's own three and a few of the owner's
 * need room beside ours.
 */
export const SENT_LABELS_AT_MOST = 10;

/** The version that holds a label, if any does. */
export function holderOf(description: SecretDescription, label: string): string | undefined {
  return description.versions.find((version) => version.labels.includes(label))?.versionId;
}

/** Versions that carry a sent label, except the one named. */
export function sentVersions(description: SecretDescription, except: string): readonly string[] {
  return description.versions
    .filter(({ versionId, labels }) => versionId !== except && labels.includes(sentLabel(versionId)))
    .map(({ versionId }) => versionId);
}

/** A version whose password may be the one in force, and how it is known. */
export interface Candidate {
  readonly versionId: string;
  readonly stage: 'pending' | 'current' | 'previous' | 'stranded';
}

/**
 * How many stranded versions are tried, each at the price of a login: as many as Secrets Manager keeps for certain, so
 * that a password is found for as long as its version exists.
 */
export const STRANDED_AT_MOST = 100;

/**
 * The stored versions in the order in which their passwords are worth trying: pending, current, previous, then the
 * stranded ones: those labelled as sent, newest first, and then the label-less, newest first. Versions made within one
 * second cannot be ordered and follow their ids, so that every run tries them alike.
 *
 * Versions that carry only labels of the secret's owner come with the label-less: their passwords were stored too.
 */
export function candidates(
  description: SecretDescription,
  listed: readonly ListedVersion[],
  pendingId: string | undefined,
): readonly Candidate[] {
  const named: Candidate[] = [];
  const name = (versionId: string | undefined, stage: Candidate['stage']): void => {
    if (versionId !== undefined && !named.some((candidate) => candidate.versionId === versionId)) {
      named.push({ versionId, stage });
    }
  };
  name(pendingId, 'pending');
  name(holderOf(description, AWSCURRENT), 'current');
  name(holderOf(description, AWSPREVIOUS), 'previous');
  const stranded = listed
    .filter(({ versionId }) => !named.some((candidate) => candidate.versionId === versionId))
    .toSorted(
      (a, b) =>
        Number(wasSent(b)) - Number(wasSent(a)) || b.createdAt - a.createdAt || (a.versionId < b.versionId ? -1 : 1),
    )
    .slice(0, STRANDED_AT_MOST);
  for (const { versionId } of stranded) {
    name(versionId, 'stranded');
  }
  return named;
}

function wasSent(version: ListedVersion): boolean {
  return version.labels.includes(sentLabel(version.versionId));
}
