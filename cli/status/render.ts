import { AWSCURRENT, AWSPREVIOUS, holderOf } from '../../protocol/secret/versions.ts';
import { placeText } from '../aws/place.ts';
import type { Examination, ExaminedVersion } from '../examine/examine-secret.ts';
import type { Finding } from '../examine/finding.ts';
import { userAt } from '../examine/findings.ts';
import { reasonOfSkip, triedAll } from '../examine/tried-versions.ts';
import { truncatedList } from '../outcome/failure.ts';
import { paragraph } from '../terminal/text.ts';
import { date, iso } from '../terminal/time.ts';
import type { Clash } from './clashes.ts';
import type { StatusEntry } from './examine-all.ts';
import { strategyJson, usersText } from './render-users.ts';

export function statusText(entry: StatusEntry, now: number): string {
  const { result, findings } = entry;
  if (result.kind === 'refused') {
    return refusedText(entry);
  }
  const { secret, current, versions, notes } = result;
  const shown = withoutOldest(versions);
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

function refusedText({ result, place }: StatusEntry): string {
  return result.kind === 'examined'
    ? ''
    : paragraph(`${result.secretId}: cannot be examined (${result.code})`, [
        ['message', result.message],
        ['advice', result.advice],
        place === undefined ? undefined : ['place', place],
      ]);
}

/** Only what is wrong. A finding that several secrets share, as one about their function, once. */
export function findingsTexts(entries: readonly StatusEntry[]): readonly string[] {
  const all = entries.flatMap(({ result, findings }) =>
    result.kind === 'examined' ? findings.map((finding) => ({ finding, name: result.secret.name })) : [],
  );
  const groups = [...Map.groupBy(all, ({ finding }) => `${finding.message} ${finding.advice}`).values()];
  const shared = groups.filter(({ length }) => length > 1);
  const isShared = ({ message, advice }: Finding): boolean =>
    shared.some(([first]) => first?.finding.message === message && first.finding.advice === advice);
  return [
    ...shared.map((group) =>
      paragraph(
        `${group.length} secrets: ${truncatedList(
          group.map(({ name }) => name),
          ', ',
        )}`,
        group.slice(0, 1).flatMap(({ finding }) => findingLines(finding)),
      ),
    ),
    ...entries.flatMap((entry) => {
      const own = entry.findings.filter((finding) => !isShared(finding));
      const name = entry.result.kind === 'examined' ? entry.result.secret.name : '';
      return entry.result.kind === 'refused'
        ? [refusedText(entry)]
        : own.length === 0
          ? []
          : [paragraph(name, own.flatMap(findingLines))];
    }),
  ];
}

function findingLines({ severity, code, message, advice }: Finding): readonly (readonly [key: string, text: string])[] {
  return [[severity, `${message} (${code})`], ...(advice === '' ? [] : [['', advice] as const])];
}

export function clashText({ endpoint, username, secrets }: Clash): string {
  return paragraph(`clash: ${secrets.join(', ')}`, [
    [
      'message',
      `These secrets hold the password of ${username ?? 'the same user'} at ${endpoint}. A rotation of one secret makes the others wrong.`,
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

function loginOf({ versionId }: ExaminedVersion, examination: Examination): { login: string; why: string | null } {
  const version = examination.tried.find(({ candidate }) => candidate.versionId === versionId);
  return { login: version?.login ?? 'not tried', why: (version && reasonOfSkip(version, examination)) ?? null };
}
