import { howToRestore, howToRotateOther, howToStore } from './advice.ts';
import type { Examination } from './examination.ts';
import { type Finding, problem } from './finding.ts';
import { countUntried, listDenied, listTries, triedAll, triedEveryReadable, userAt } from './tried-versions.ts';
import { explainLostToOther } from './users-of-secret.ts';

/** The cluster rejected every password that was tried, each of them twice. */
export function noneAcceptedFinding(examination: Examination): Finding {
  const { secret, versions, allListed, sameUser } = examination;
  const lost = explainLostToOther(secret.name, sameUser.others);
  const untried = countUntried(examination);
  const denied = listDenied(examination);
  const message = [
    `The cluster rejects every ${triedAll(examination) ? 'stored' : 'tried'} password of ${userAt(examination)}.`,
    ...(allListed ? [] : ['Versions without a label could not be listed.']),
    ...(untried === 0 ? [] : [`The oldest ${untried} of ${versions.length} versions were not tried.`]),
    ...(denied === undefined ? [] : [denied]),
    lost?.message ?? likelyCause(examination),
    'Another possible cause: the cluster rejects every password while its proxies cannot reach the root coordinator.',
    ...listTries(examination),
  ];
  const advice = [
    denied === undefined ? '' : 'First ask for kms:Decrypt with the keys of these versions, and repeat the command.',
    howToRestore(examination),
    howToRotateOther(examination),
    lost?.advice ??
      `If the cluster is new or unhealthy, wait and repeat the command. ${howToStore(secret.name)} If nobody knows the password, let an admin set a new one: \`zilliz-rotation repair ${secret.name} --admin-secret ADMIN-SECRET\`.`,
  ];
  return problem('none-in-force', message.join(' '), advice.filter(Boolean).join(' '));
}

function likelyCause(examination: Examination): string {
  if (hasOnlyFirstValue(examination)) {
    return 'The secret has only its first value. If the rotation stack created the secret, this value is a placeholder, and nobody has stored the password yet.';
  }
  if (triedAll(examination)) {
    return 'Probably somebody changed the password outside this secret.';
  }
  return triedEveryReadable(examination)
    ? 'AWSCURRENT may name the wrong user or host, or somebody changed the password outside this secret.'
    : 'The accepted password is in one of them, or somebody changed it outside this secret.';
}

/**
 * Whether the secret has one version and has never rotated. The stack creates a secret with such a
 * version, which holds a generated placeholder.
 */
function hasOnlyFirstValue({ secret, versions, allListed }: Examination): boolean {
  return allListed && versions.length === 1 && secret.lastRotatedAt === undefined;
}
