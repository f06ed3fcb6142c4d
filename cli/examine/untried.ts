import type { Examination } from './examine-secret.ts';

/** What may be said to be rejected when nothing was accepted: the oldest of very many versions are not tried at all. */
export function whatWasRejected(examination: Examination): string {
  const untried = countUntried(examination);
  if (untried > 0) {
    return `every stored password that was tried (the oldest ${untried} of ${examination.versions.length} versions were not)`;
  }
  return examination.allListed
    ? 'every stored password'
    : 'every labelled password (those without a label could not be listed)';
}

/** What follows from that. */
export function whyRejected(examination: Examination): string {
  return triedAll(examination)
    ? 'it was changed outside this secret'
    : 'it is an older one, or it was changed outside this secret';
}

/** Whether each stored version was looked at. */
export function triedAll(examination: Examination): boolean {
  return examination.allListed && countUntried(examination) === 0;
}

function countUntried({ cluster, versions }: Examination): number {
  const tried = cluster.kind === 'unusable' ? [] : cluster.tried;
  return versions.filter(({ versionId }) => !tried.some(({ candidate }) => candidate.versionId === versionId)).length;
}
