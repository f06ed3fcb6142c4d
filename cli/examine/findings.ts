import type { UnusableCredential } from '../../protocol/credential/stored-credential.ts';
import { AWSCURRENT, holderOf } from '../../protocol/secret/versions.ts';
import { truncatedList } from '../outcome/failure.ts';
import type { Examination } from './examine-secret.ts';
import { type Finding, problem, undecided } from './finding.ts';
import { rotationFindings } from './rotation-findings.ts';
import { explainLostToOther } from './same-user/same-user-texts.ts';
import { nameOf, type VersionSearch } from './search-versions.ts';
import { describeTries } from './skipped-versions.ts';
import { staleCopiesFinding } from './stale-copies.ts';
import { userFindings } from './user-findings.ts';

/** The findings about one secret, the most serious first. */
export function findingsOf(examination: Examination, now: number): readonly Finding[] {
  const aboutCluster = clusterFinding(examination);
  const aboutCopies = staleCopiesFinding(examination);
  const aboutLabels = labelsFullFinding(examination);
  return [
    ...[aboutCluster, aboutCopies, aboutLabels].filter((finding) => finding !== undefined),
    ...userFindings(examination),
    ...rotationFindings(examination, now),
  ];
}

function clusterFinding(examination: Examination): Finding | undefined {
  const { secret, cluster } = examination;
  switch (cluster.kind) {
    case 'unusable':
    case 'undecided':
    case 'not-enforced':
    case 'none':
      return noAnswerFinding(examination, cluster);
    case 'found':
      return cluster.inForce.versionId === holderOf(secret, AWSCURRENT)
        ? undefined
        : problem(
            'current-not-in-force',
            `The password in force for ${userOf(examination)} is in version ${cluster.inForce.versionId} (${cluster.inForce.candidate.stage}), not in AWSCURRENT. Applications that read the secret cannot log in.`,
            `Move AWSCURRENT to that version with \`zilliz-rotation repair ${secret.name}\`.`,
          );
  }
}

/** Why no version of AWSCURRENT's user is known to be in force. */
export function noAnswerFinding(
  examination: Examination,
  cluster: Exclude<Examination['cluster'], { kind: 'found' }>,
): Finding {
  const finding = cluster.kind === 'none' ? noneInForceFinding(examination) : searchFinding(cluster);
  const restore = describeRestore(examination);
  return restore === undefined ? finding : { ...finding, advice: `${restore} Otherwise: ${finding.advice}` };
}

/** @returns how to undo an edit of AWSCURRENT, if the cluster accepts the credential before it */
function describeRestore({ previous, secret, turns }: Examination): string | undefined {
  return previous?.kind === 'usable' && previous.search.kind === 'found' && turns === undefined
    ? `If the value in AWSCURRENT was stored by mistake, run \`zilliz-rotation repair ${secret.name} --restore-previous\`: it moves AWSCURRENT back to the credential of ${nameOf(previous.search.inForce.credentials)}, which the cluster accepts.`
    : undefined;
}

/** Why the search did not tell which password is in force. */
export function searchFinding(
  cluster: UnusableCredential | Extract<VersionSearch, { kind: 'undecided' | 'not-enforced' }>,
): Finding {
  switch (cluster.kind) {
    case 'unusable':
      return cluster.reason === 'endpoint'
        ? undecided(
            cluster.problem,
            'Allow the host of your own cluster with --allow-endpoint HOST. If the secret names no endpoint, give --endpoint URL.',
          )
        : problem(
            'unusable-secret',
            `AWSCURRENT is not a usable credential. ${cluster.problem}`,
            'Store a valid credential in the secret.',
          );
    case 'undecided':
      return undecided(
        cluster.why,
        `${howToReach(cluster.why)} Change nothing before you know which password is in force.`,
      );
    case 'not-enforced':
      return problem(
        'authorization-off',
        'The cluster accepts a password that nobody has. Authorization is off, so no login proves anything.',
        'Switch authorization on (common.security.authorizationEnabled), then repeat the command.',
      );
  }
}

/** @param why the error of Node. If the certificate is not trusted, its text says so. */
function howToReach(why: string): string {
  return /certificate/i.test(why)
    ? "If a private authority signed the cluster's certificate, give its PEM file with --ca-file PATH. Otherwise renew the certificate, or correct the host."
    : 'Run the command on a machine that reaches the cluster.';
}

/** The cluster rejected every password that was tried, each of them twice. */
function noneInForceFinding(examination: Examination): Finding {
  const { secret, versions, allListed, sameUser } = examination;
  const lost = explainLostToOther(secret.name, sameUser);
  const untried = countUntried(examination);
  const denied = describeDenied(examination);
  const message = [
    `The cluster rejects every ${triedAll(examination) ? 'stored' : 'tried'} password of ${userOf(examination)}.`,
    ...(allListed ? [] : ['Versions without a label could not be listed.']),
    ...(untried === 0 ? [] : [`The oldest ${untried} of ${versions.length} versions were not tried.`]),
    ...(denied === undefined ? [] : [denied]),
    lost?.message ?? describeCause(examination),
    'Another possible cause: the cluster rejects every password while its proxies cannot reach the root coordinator.',
    ...describeTries(examination),
  ];
  const turn = describeTurn(examination);
  const init = hasOnlyFirstValue(examination)
    ? `If the secret holds a placeholder, store the password with \`zilliz-rotation init ${secret.name}\`. `
    : '';
  const reset =
    lost?.advice ??
    `${init}${turn === undefined ? '' : `${turn} `}If the cluster is new or unhealthy, wait and repeat the command. Otherwise set a new password with an admin's credential: \`zilliz-rotation repair ${secret.name} --admin-secret ADMIN-SECRET\`. Or reset it in the cluster's console and store it in the secret.`;
  return problem(
    'none-in-force',
    message.join(' '),
    denied === undefined
      ? reset
      : `First ask for kms:Decrypt with the keys of these versions, and repeat the command. ${reset}`,
  );
}

function describeCause(examination: Examination): string {
  if (hasOnlyFirstValue(examination)) {
    return 'The secret has only its first value. If the rotation stack created the secret, this value is a placeholder, and nobody has stored the password yet.';
  }
  if (triedAll(examination)) {
    return 'Probably somebody changed the password outside this secret.';
  }
  return triedEveryReadable(examination)
    ? 'AWSCURRENT may name the wrong user or host, or somebody changed the password outside this secret.'
    : 'The password in force is in one of them, or somebody changed it outside this secret.';
}

/**
 * Whether the secret has one version and has never rotated. The stack creates a secret with such a
 * version, which holds a generated placeholder.
 */
function hasOnlyFirstValue({ secret, versions, allListed }: Examination): boolean {
  return allListed && versions.length === 1 && secret.lastRotatedAt === undefined;
}

/** Advises a rotation, if the user whose turn it is has a stored credential in force. */
function describeTurn({ secret, turns }: Examination): string | undefined {
  return turns?.other.search.kind === 'found' && turns.gapHasPassed === true && secret.rotationEnabled
    ? `To give applications a valid credential, run \`zilliz-rotation rotate ${secret.name}\`: it is the turn of ${turns.other.username}, whose stored credential is in force.`
    : undefined;
}

/** Whether the command tried each stored version that can be in force. */
export function triedAll(examination: Examination): boolean {
  return triedEveryReadable(examination) && examination.tried.every(({ why }) => why !== 'other host or user');
}

function triedEveryReadable(examination: Examination): boolean {
  return examination.allListed && countUntried(examination) === 0 && describeDenied(examination) === undefined;
}

/** @returns `undefined` if AWS denied access to no version */
export function describeDenied({ tried }: Examination): string | undefined {
  const denied = tried.filter(({ why }) => why === 'denied').map(({ candidate }) => candidate.versionId);
  return denied.length === 0
    ? undefined
    : `AWS denies access to these versions or their KMS keys: ${truncatedList(denied, ', ')}.`;
}

function countUntried({ tried, versions }: Examination): number {
  return versions.filter(({ versionId }) => !tried.some(({ candidate }) => candidate.versionId === versionId)).length;
}

function userOf({ current }: Examination): string {
  return current === undefined ? 'the user' : nameOf(current.credentials);
}

/** @returns `undefined` if the next rotation has, or makes, room for its sent label */
export function labelsFullFinding({ secret, labelRoom }: Examination): Finding | undefined {
  const { missing } = labelRoom ?? { missing: 0 };
  return missing === 0
    ? undefined
    : problem(
        'labels-full',
        'The next rotation has no room for its label. Secrets Manager allows 20 labels a secret. AWSCURRENT, AWSPENDING and AWSPREVIOUS need three of them.',
        `Remove ${missing === 1 ? 'one' : String(missing)} of your own labels with \`aws secretsmanager update-secret-version-stage --secret-id ${secret.name} --version-stage LABEL --remove-from-version-id VERSION\`.`,
      );
}
