import type { AcceptedCredential } from '../../protocol/credential/find-accepted.ts';
import type { UnusableCredential } from '../../protocol/credential/stored-credential.ts';
import { AWSCURRENT, AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import type { Examination } from './examine-secret.ts';
import { type Finding, problem, undecided } from './finding.ts';
import { rotationFindings } from './rotation-findings.ts';
import type { VersionSearch } from './search-versions.ts';
import { staleCopiesFinding } from './stale-copies.ts';
import { countUntried, listDenied, listTries, triedAll, triedEveryReadable } from './tried-versions.ts';
import { userFindings } from './user-findings.ts';
import { explainLostToOther } from './users-of-secret.ts';

/** The findings about one secret, the most serious first. */
export function findingsOf(examination: Examination, now: number): readonly Finding[] {
  const aboutCurrent = [
    notPinnedFinding(examination),
    currentFinding(examination),
    staleCopiesFinding(examination),
    labelsFullFinding(examination),
  ];
  return [
    ...aboutCurrent.filter((finding) => finding !== undefined),
    ...userFindings(examination),
    ...rotationFindings(examination, now),
  ];
}

function currentFinding(examination: Examination): Finding | undefined {
  const { secret, search, notPinned } = examination;
  if (search.kind !== 'found') {
    // Another finding says why AWSCURRENT is wrong.
    return search.kind === 'unusable' && notPinned !== undefined ? undefined : unansweredFinding(examination, search);
  }
  const { versionId, candidate } = search.accepted;
  return versionId === holderOf(secret, AWSCURRENT)
    ? undefined
    : problem(
        'current-not-in-force',
        `The cluster accepts version ${versionId} (${candidate.stage}) of ${userAt(examination)}, not AWSCURRENT. Applications that read the secret cannot log in.`,
        `Move AWSCURRENT to that version with \`zilliz-rotation repair ${secret.name}\`.`,
      );
}

/** Why no version of AWSCURRENT's user is known to be accepted. */
function unansweredFinding(
  examination: Examination,
  search: Exclude<Examination['search'], { kind: 'found' }>,
): Finding {
  const { name } = examination.secret;
  if (search.kind === 'none') {
    return noneAcceptedFinding(examination);
  }
  const finding = searchFinding(search);
  const restore = howToRestore(examination);
  const store = search.kind === 'unusable' ? ` ${howToStore(name)}` : '';
  const advice = `${finding.advice}${store}`;
  return { ...finding, advice: restore === undefined ? advice : `${restore} Otherwise: ${advice}` };
}

/** Why the search did not tell which password the cluster accepts. */
export function searchFinding(
  search: UnusableCredential | Extract<VersionSearch, { kind: 'undecided' | 'not-enforced' }>,
): Finding {
  switch (search.kind) {
    case 'unusable':
      return search.reason === 'endpoint'
        ? undecided(
            search.problem,
            'Check the host with the owner of the secret. If the host is right and the cluster is your own, allow it with --allow-endpoint HOST. If the secret names no endpoint, give --endpoint URL.',
          )
        : problem(
            'unusable-secret',
            `AWSCURRENT is not a usable credential. ${search.problem}`,
            'Store a valid credential in the secret.',
          );
    case 'undecided':
      return undecided(
        search.why,
        `${howToReach(search.why)} Change nothing before you know which password the cluster accepts.`,
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

/** AWSCURRENT contradicts the configuration. Every rotation refuses the secret. */
function notPinnedFinding(examination: Examination): Finding | undefined {
  const { notPinned, secret } = examination;
  const restore = howToRestore(examination);
  return (
    notPinned &&
    problem(
      notPinned.code,
      `${notPinned.message} Every rotation fails.`,
      `${restore === undefined ? '' : `${restore} `}${howToStore(secret.name)} If AWSCURRENT is right, correct the entry of the secret in the configuration, and deploy it.`,
    )
  );
}

/** The cluster rejected every password that was tried, each of them twice. */
function noneAcceptedFinding(examination: Examination): Finding {
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

/** Names every version that logs in, and the command that makes it AWSCURRENT. */
function howToRestore({ alternatives, secret }: Examination): string | undefined {
  const isPrevious = ({ versionId }: AcceptedCredential): boolean => versionId === holderOf(secret, AWSPREVIOUS);
  const commands = alternatives.map((accepted) => {
    const { username, endpoint } = accepted.credentials;
    const option = isPrevious(accepted) ? '--restore-previous' : `--version ${accepted.versionId}`;
    return `to ${username} at ${endpoint.url} with \`zilliz-rotation repair ${secret.name} ${option}\``;
  });
  return commands.length === 0
    ? undefined
    : `If the value in AWSCURRENT was stored by mistake, move AWSCURRENT to a version that the cluster accepts: ${commands.join(', or ')}.`;
}

/** The command for a person who knows the password. */
function howToStore(name: string): string {
  return `If you know the password, store it with \`zilliz-rotation init ${name}\`, which asks for it and proves it.`;
}

/** Advises a rotation, if the cluster accepts the stored credential of the next user. */
function howToRotateOther({ secret, other }: Examination): string | undefined {
  return other?.search.kind === 'found' && other.gapHasPassed === true && secret.rotationEnabled
    ? `To give applications a valid credential, run \`zilliz-rotation rotate ${secret.name}\`: the next rotation changes ${other.username}, whose stored credential is accepted.`
    : undefined;
}

/** The user and the cluster in AWSCURRENT, for a message. */
export function userAt({ current, knownUsers }: Pick<Examination, 'current' | 'knownUsers'>): string {
  const { username = '', endpoint } = current?.credentials ?? {};
  const user = knownUsers.has(username) ? username : 'the user in AWSCURRENT';
  return endpoint === undefined ? user : `${user} at ${endpoint.url}`;
}

/** @returns `undefined` if the next rotation has, or makes, room for its sent label */
function labelsFullFinding({ secret, labelRoom }: Examination): Finding | undefined {
  const { missing } = labelRoom ?? { missing: 0 };
  return missing === 0
    ? undefined
    : problem(
        'labels-full',
        'The next rotation has no room for its label. Secrets Manager allows 20 labels a secret. AWSCURRENT, AWSPENDING and AWSPREVIOUS need three of them.',
        `Remove ${missing === 1 ? 'one' : String(missing)} of your own labels with \`aws secretsmanager update-secret-version-stage --secret-id ${secret.name} --version-stage LABEL --remove-from-version-id VERSION\`.`,
      );
}
