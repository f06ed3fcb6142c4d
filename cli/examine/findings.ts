import type { UnprovenLogin } from '../../protocol/cluster/login.ts';
import type { UnusableCredential } from '../../protocol/credential/stored-credential.ts';
import { AWSCURRENT, holderOf, isFirstValue, unfinishedVersion } from '../../protocol/secret/versions.ts';
import { commandForm, nameOf } from '../credential-forms.ts';
import type { Examination } from './examination.ts';
import type { ExaminationResult } from './examine-secret.ts';
import { endWithFinding, type Finding, mostSeriousFirst, problem, undecided } from './finding.ts';
import { keyFindings } from './key-findings.ts';
import { labelsFull } from './label-room.ts';
import { rotationFindings, unblock } from './rotation-findings.ts';
import { staleCopiesFinding } from './stale-copies.ts';
import { listDenied, userAt } from './tried-versions.ts';
import { userFindings } from './user-findings.ts';

/** A pipeline learns that a rotation is overdue or off also if the value cannot be read. */
export function findingsOf(examination: ExaminationResult, now: number): readonly Finding[] {
  if (examination.kind === 'refused') {
    const { secret } = examination;
    return secret === undefined ? [] : rotationFindings({ secret }, now);
  }
  const ofValue = [
    notPinnedFinding(examination),
    currentFinding(examination),
    notConfiguredFinding(examination),
    staleCopiesFinding(examination),
    labelsFull(examination.secret.name, examination.labelRoom?.missing ?? 0),
    ...userFindings(examination),
    ...keyFindings(examination),
  ].filter((finding) => finding !== undefined);
  return mostSeriousFirst([...ofValue, ...rotationFindings(examination, now, ofValue)]);
}

function currentFinding(examination: Examination): Finding | undefined {
  const { secret, search, notPinned } = examination;
  if (search.kind !== 'found') {
    // Another finding says why AWSCURRENT is wrong.
    return search.kind === 'unusable' && notPinned !== undefined ? undefined : unansweredFinding(examination, search);
  }
  const { versionId, stage } = search.accepted;
  return versionId === holderOf(secret, AWSCURRENT)
    ? undefined
    : problem(
        'current-not-in-force',
        `The cluster accepts version ${versionId} (${stage}) of ${userAt(examination)}, not AWSCURRENT. Applications that read the secret cannot log in.`,
        `Move AWSCURRENT to that version with \`zilliz-rotation repair ${secret.name}\`.`,
      );
}

function unansweredFinding(
  examination: Examination,
  search: Exclude<Examination['search'], { kind: 'found' }>,
): Finding {
  const { name } = examination.secret;
  const { strategy } = examination;
  if (search.kind === 'none') {
    return noneAcceptedFinding(examination);
  }
  const finding = searchFinding(search);
  const restore = howToRestore(examination);
  // `init` refuses a host that is not allowed, too.
  const store =
    search.kind === 'unusable' && search.reason !== 'endpoint' ? ` ${commandForm(strategy).howToStore(name)}` : '';
  const advice = `${finding.advice}${store}`;
  return { ...finding, advice: restore === undefined ? advice : `${restore} Otherwise: ${advice}` };
}

/** The cluster rejected every password that was tried, each of them twice. */
function noneAcceptedFinding(examination: Examination): Finding {
  const { secret, versions, allListed, sameUser, tried, strategy } = examination;
  const form = commandForm(strategy);
  const lost = sameUser.explanation;
  const denied = listDenied(examination);
  const untried = versions.length - tried.size;
  const message = [
    form.rejected(userAt(examination)),
    allListed ? '' : 'Versions without a label could not be listed.',
    untried > 0 ? `The oldest ${untried} of ${versions.length} versions were not tried.` : '',
    denied,
    lost?.message ?? form.likelyCause(isFirstValue(secret)),
    'Another possible cause: the cluster rejects every login while its proxies cannot reach the root coordinator.',
  ];
  const advice = [
    denied === undefined ? '' : 'First ask for kms:Decrypt with the keys of these versions, and repeat the command.',
    howToRotateOther(examination) ?? howToRestore(examination),
    lost?.advice ??
      `If the cluster is new or unhealthy, wait and repeat the command. ${form.howToStore(secret.name)} ${form.howToReplace(secret.name)}`,
  ];
  return problem('none-in-force', message.filter(Boolean).join(' '), advice.filter(Boolean).join(' '));
}

/** Names every version that logs in, and the command that makes it AWSCURRENT. */
function howToRestore({ alternatives, secret, other }: Examination): string | undefined {
  const commands = alternatives.map(
    ({ versionId, credentials }) =>
      `to ${nameOf(credentials)} at ${credentials.endpoint.url} with \`zilliz-rotation repair ${secret.name} --version ${versionId}\``,
  );
  const isOfOther = other?.search.kind === 'found';
  const why = isOfOther
    ? 'To give applications a valid credential'
    : 'If the value in AWSCURRENT was stored by mistake';
  return commands.length === 0
    ? undefined
    : `${why}, move AWSCURRENT to a version that the cluster accepts: ${commands.join(', or ')}.`;
}

/** Advises a rotation, if it can start and the stored credential of the next user is accepted. */
function howToRotateOther({ secret, other, functionState, strategy }: Examination): string | undefined {
  const canStart =
    secret.rotationEnabled &&
    unfinishedVersion(secret) === undefined &&
    functionState === undefined &&
    strategy.refusal === undefined;
  return other?.search.kind === 'found' && other.gap?.hasPassed === true && canStart
    ? `To give applications a valid credential, run \`zilliz-rotation rotate ${secret.name}\`: the next rotation changes ${other.username}, whose stored credential is accepted.`
    : undefined;
}

export function searchFinding(search: UnusableCredential | UnprovenLogin): Finding {
  switch (search.kind) {
    case 'unusable':
      return search.reason === 'endpoint'
        ? undecided(
            search.problem,
            'Check the host with the owner of the secret. If the host is right and the cluster is your own, allow it with --allow-endpoint HOST, and http:// with --allow-plaintext. If the secret names no endpoint, give --endpoint URL.',
          )
        : problem(
            'unusable-secret',
            `AWSCURRENT is not a usable credential. ${search.problem}`,
            'Store a valid credential in the secret.',
          );
    case 'undecided':
      return undecided(
        search.explanation,
        `${howToReach(search.explanation)} Change nothing before you know which credential the cluster accepts.`,
      );
    case 'not-enforced':
      return problem(
        'authorization-off',
        'The cluster accepts a credential that nobody has. Authorization is off, so no login proves anything.',
        'Switch authorization on (common.security.authorizationEnabled), then repeat the command.',
      );
  }
}

/** Ends a command that needs an accepted credential. @throws FailureError */
export function endWithSearch(search: Parameters<typeof searchFinding>[0]): never {
  endWithFinding(searchFinding(search), 'failed');
}

/** @param why the error of Node. If the certificate is not trusted, its text says so. */
function howToReach(why: string): string {
  return /certificate/i.test(why)
    ? "If a private authority signed the cluster's certificate, give its PEM file with --ca-file PATH. Otherwise renew the certificate, or correct the host."
    : 'Run the command on a machine that reaches the cluster.';
}

/** The schedule of a secret outlives its entry in the configuration. Its next rotation fails. */
function notConfiguredFinding({ secret, strategy: { refusal } }: Examination): Finding | undefined {
  return refusal === undefined || !secret.rotationEnabled
    ? undefined
    : problem(
        'not-configured',
        `Every rotation fails. ${refusal}`,
        `${unblock(secret)}Add the secret to the configuration of the rotation stack, and deploy all stacks of the configuration. If the secret shall not rotate, end its rotation (docs/configuration.md#leaving-the-stack).`,
      );
}

/** AWSCURRENT contradicts the configuration. Every rotation refuses the secret. */
function notPinnedFinding(examination: Examination): Finding | undefined {
  const { notPinned, secret, strategy } = examination;
  const restore = howToRestore(examination);
  return (
    notPinned &&
    problem(
      notPinned.code,
      `${notPinned.message} Every rotation fails.`,
      `${restore === undefined ? '' : `${restore} `}${commandForm(strategy).howToStore(secret.name)} If AWSCURRENT is right, correct the entry of the secret in the configuration, and deploy it.`,
    )
  );
}
