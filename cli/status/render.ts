import type { ListedVersion } from '../../protocol/secret/secret-store.ts';
import { AWSCURRENT, AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import { placeText } from '../aws/place.ts';
import type { Examination } from '../examine/examination.ts';
import { isOverdue } from '../examine/rotation-findings.ts';
import { reasonOfSkip, triedAll, userAt } from '../examine/tried-versions.ts';
import { paragraph } from '../terminal/text.ts';
import { date, iso } from '../terminal/time.ts';
import type { StatusEntry } from './examine-all.ts';
import { findingLines, refusedText } from './findings-text.ts';
import { shownVersions } from './other-versions.ts';
import { strategyJson, usersText } from './render-users.ts';

export function statusText(entry: StatusEntry, now: number): string {
  const { result, findings } = entry;
  if (result.kind === 'refused') {
    return refusedText(entry);
  }
  const { secret, current, versions, notes } = result;
  const shown = shownVersions(versions);
  const hidden = versions.length - shown.length;
  return paragraph(secret.name, [
    ...findings.flatMap(findingLines),
    ['place', placeText(secret.arn)],
    ['cluster', current === undefined ? 'not known' : userAt(result)],
    ['accepted', acceptedText(result)],
    ...usersText(result),
    ['rotation', rotationText(result)],
    ['rotated', rotatedText(result)],
    ['next', nextText(result, now)],
    ...shown.map((version) => ['version', versionText(version, result)] as const),
    ...(hidden === 0 ? [] : [['', `and ${hidden} older versions without a label`] as const]),
    ...notes.map((note) => ['note', note] as const),
  ]);
}

/** One secret in the document of `--json`. `json-schema.ts` describes it. */
export function statusJson({ result, findings }: StatusEntry, now: number): Record<string, unknown> {
  if (result.kind === 'refused') {
    const { secretId, secret, code, message, advice } = result;
    return { secret: secretId, arn: secret?.arn ?? null, error: { code, message, advice }, findings };
  }
  const { secretId, secret, current, search, versions, notes, knownUsers } = result;
  const { username = '', endpoint } = current?.credentials ?? {};
  return {
    secret: secretId,
    arn: secret.arn,
    error: null,
    cluster:
      endpoint === undefined ? null : { endpoint: endpoint.url, username: knownUsers.has(username) ? username : null },
    inForce: search.kind === 'found' ? search.accepted.candidate : null,
    strategy: strategyJson(result),
    rotation: {
      enabled: secret.rotationEnabled,
      functionArn: secret.rotationFunctionArn ?? null,
      schedule: secret.schedule ?? null,
      lastRotatedAt: iso(secret.lastRotatedAt),
      nextRotationAt: iso(secret.nextRotationAt),
      overdue: isOverdue(secret, now),
    },
    versions: versions.map((version) => ({
      versionId: version.versionId,
      labels: version.labels,
      createdAt: iso(version.createdAt || undefined),
      ...loginOf(version, result),
    })),
    findings,
    notes,
  };
}

function acceptedText(examination: Examination): string {
  const { search, secret } = examination;
  switch (search.kind) {
    case 'found': {
      const { versionId } = search.accepted;
      return versionId === holderOf(secret, AWSCURRENT) ? 'AWSCURRENT' : `version ${versionId}, not AWSCURRENT`;
    }
    case 'none':
      return triedAll(examination) ? 'none of the stored versions' : 'none of the tried versions';
    case 'not-enforced':
      return 'not known: authorization is off';
    case 'undecided':
    case 'unusable':
      return 'not known';
  }
}

function rotationText({ secret }: Examination): string {
  if (secret.rotationFunctionArn === undefined) {
    return 'not configured';
  }
  const name = secret.rotationFunctionArn.split(':').slice(6).join(':');
  return `${secret.rotationEnabled ? `on, ${secret.schedule ?? 'no schedule'}` : 'off'}, function ${name}`;
}

/** AWS omits the date of the last rotation while rotation is off. */
function rotatedText({ secret, versions }: Examination): string {
  if (secret.lastRotatedAt !== undefined) {
    return date(secret.lastRotatedAt);
  }
  const current = versions.find(({ versionId }) => versionId === holderOf(secret, AWSCURRENT));
  const isFirst = holderOf(secret, AWSPREVIOUS) === undefined;
  return isFirst || !current?.createdAt ? 'never' : `not known; AWSCURRENT was stored ${date(current.createdAt)}`;
}

function nextText({ secret }: Examination, now: number): string {
  const { nextRotationAt } = secret;
  return nextRotationAt === undefined ? 'none' : `${date(nextRotationAt)}${isOverdue(secret, now) ? ', OVERDUE' : ''}`;
}

function versionText(version: ListedVersion, examination: Examination): string {
  const { login, why } = loginOf(version, examination);
  const labels = version.labels.length === 0 ? 'no label' : version.labels.join(', ');
  const stored = version.createdAt === 0 ? '' : `, stored ${date(version.createdAt)}`;
  return `${version.versionId}  ${labels}${stored}: ${login}${why === null ? '' : `, ${why}`}`;
}

function loginOf({ versionId }: ListedVersion, examination: Examination): { login: string; why: string | null } {
  const version = examination.tried.find(({ candidate }) => candidate.versionId === versionId);
  return { login: version?.login ?? 'not tried', why: (version && reasonOfSkip(version, examination)) ?? null };
}
