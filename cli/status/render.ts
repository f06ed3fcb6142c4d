import { AWSCURRENT, AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import type { Examination, ExaminationResult, ExaminedVersion } from '../examine/examine-secret.ts';
import type { Finding } from '../examine/finding.ts';
import { triedAll } from '../examine/findings.ts';
import { describeSkip } from '../examine/skipped-versions.ts';
import { paragraph } from '../terminal/text.ts';
import { date, iso } from '../terminal/time.ts';
import type { Clash } from './clashes.ts';
import { strategyJson, usersText } from './render-users.ts';

export interface StatusEntry {
  readonly result: ExaminationResult;
  readonly findings: readonly Finding[];
}

export function statusText(entry: StatusEntry, now: number): string {
  const { result, findings } = entry;
  if (result.kind === 'refused') {
    return findingsText(entry);
  }
  const { secret, current, versions, notes } = result;
  const { username, endpoint } = current?.credentials ?? {};
  const shown = withoutOldest(versions);
  const hidden = versions.length - shown.length;
  return paragraph(secret.name, [
    ...findings.flatMap(findingLines),
    ['cluster', endpoint === undefined ? 'not known' : `${username} at ${endpoint.url}`],
    ['in force', inForceText(result)],
    ...usersText(result),
    ['rotation', rotationText(result)],
    ['rotated', rotatedText(result)],
    ['next', nextText(result, now)],
    ...shown.map((version) => ['version', versionText(version, result)] as const),
    ...(hidden === 0 ? [] : [['', `and ${hidden} older versions without a label`] as const]),
    ...notes.map((note) => ['note', note] as const),
  ]);
}

/** Only what is wrong with a secret. */
export function findingsText({ result, findings }: StatusEntry): string {
  return result.kind === 'refused'
    ? paragraph(`${result.secretId}: cannot be examined (${result.code})`, [
        ['message', result.message],
        ['advice', result.advice],
      ])
    : paragraph(result.secret.name, findings.flatMap(findingLines));
}

function findingLines({ severity, code, message, advice }: Finding): readonly (readonly [key: string, text: string])[] {
  return [
    [severity, `${message} (${code})`],
    ['', advice],
  ];
}

export function clashText({ endpoint, username, secrets }: Clash): string {
  return paragraph(`clash: ${secrets.join(', ')}`, [
    [
      'message',
      `These secrets hold the password of ${username} at ${endpoint}. A rotation of one secret makes the others wrong.`,
    ],
    ['advice', 'Give each secret its own user, or let all applications read one secret.'],
  ]);
}

/** One secret in the document of `--json`. `json-schema.ts` describes it. */
export function statusJson({ result, findings }: StatusEntry, now: number): Record<string, unknown> {
  if (result.kind === 'refused') {
    const { secretId, code, message, advice } = result;
    return { secret: secretId, arn: null, error: { code, message, advice } };
  }
  const { secretId, secret, current, cluster, versions, notes } = result;
  const { username, endpoint } = current?.credentials ?? {};
  return {
    secret: secretId,
    arn: secret.arn,
    error: null,
    cluster: endpoint === undefined ? null : { endpoint: endpoint.url, username },
    inForce: cluster.kind === 'found' ? cluster.inForce.candidate : null,
    strategy: strategyJson(result),
    rotation: {
      enabled: secret.rotationEnabled,
      functionArn: secret.rotationFunctionArn ?? null,
      schedule: secret.schedule ?? null,
      lastRotatedAt: iso(secret.lastRotatedAt),
      nextRotationAt: iso(secret.nextRotationAt),
      overdue: isOverdue(result, now),
    },
    versions: versions.map((version) => ({
      versionId: version.versionId,
      labels: version.labels,
      createdAt: iso(version.createdAt),
      ...loginOf(version, result),
    })),
    findings,
    notes,
  };
}

function inForceText(examination: Examination): string {
  const { cluster, secret } = examination;
  switch (cluster.kind) {
    case 'found': {
      const { versionId } = cluster.inForce;
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
  return isFirst || current?.createdAt === undefined
    ? 'never'
    : `not known; AWSCURRENT was stored ${date(current.createdAt)}`;
}

function nextText(examination: Examination, now: number): string {
  const { nextRotationAt } = examination.secret;
  return nextRotationAt === undefined
    ? 'none'
    : `${date(nextRotationAt)}${isOverdue(examination, now) ? ', OVERDUE' : ''}`;
}

export function isOverdue({ secret }: Examination, now: number): boolean {
  return secret.rotationEnabled && secret.nextRotationAt !== undefined && secret.nextRotationAt < now;
}

/** A secret can have a hundred versions without a label. The JSON document has all of them. */
const UNLABELLED_SHOWN = 5;

function withoutOldest(versions: readonly ExaminedVersion[]): readonly ExaminedVersion[] {
  const hidden = versions.filter(({ labels }) => labels.length === 0).slice(UNLABELLED_SHOWN);
  return versions.filter((version) => !hidden.includes(version));
}

function versionText(version: ExaminedVersion, examination: Examination): string {
  const { login, why } = loginOf(version, examination);
  const labels = version.labels.length === 0 ? 'no label' : version.labels.join(', ');
  const stored = version.createdAt === undefined ? '' : `, stored ${date(version.createdAt)}`;
  return `${version.versionId}  ${labels}${stored}: ${login}${why === null ? '' : `, ${why}`}`;
}

function loginOf({ versionId }: ExaminedVersion, { tried }: Examination): { login: string; why: string | null } {
  const version = tried.find(({ candidate }) => candidate.versionId === versionId);
  return { login: version?.login ?? 'not tried', why: (version && describeSkip(version)) ?? null };
}
