import { MAX_KEYS } from '../../protocol/keys/control-plane.ts';
import type { ListedVersion } from '../../protocol/secret/secret-store.ts';
import { placeText } from '../aws/place.ts';
import { formOf } from '../credential-forms/forms.ts';
import type { Examination } from '../examine/examination.ts';
import { idsOf, keyText } from '../examine/keys.ts';
import { isOverdue } from '../examine/rotation-findings.ts';
import { reasonOfSkip, userAt } from '../examine/tried-versions.ts';
import { comparedRoles } from '../examine/user-findings.ts';
import { type Line, paragraph } from '../terminal/text.ts';
import { iso } from '../terminal/time.ts';
import type { StatusEntry } from './examine-all.ts';
import { shownVersions } from './examine-all.ts';

export function detailsText(entry: StatusEntry, now: number): string {
  const { result, place } = entry;
  if (result.kind === 'refused') {
    return paragraph(result.secretId, [
      ...issueLines(entry).flat(),
      place === undefined ? undefined : ['place', place],
    ]);
  }
  const { cluster, inForce, strategy, rotation, versions } = examinedJson(result, now);
  const shown = shownVersions(versions);
  const hidden = versions.length - shown.length;
  const next = rotation.nextRotationAt === null ? 'none' : rotation.nextRotationAt;
  return paragraph(result.secret.name, [
    ...issueLines(entry).flat(),
    ['place', placeText(result.secret.arn)],
    ['cluster', cluster === null ? 'not known' : userAt(result)],
    ['accepted', inForce?.stage === 'current' ? 'AWSCURRENT' : inForce ? `version ${inForce.versionId}` : 'none known'],
    ...usersText(strategy),
    ...keysText(result),
    ['rotation', rotationText(rotation)],
    ['rotated', rotation.lastRotatedAt ?? 'AWS gives no date'],
    ['next', rotation.overdue ? `${next}, OVERDUE` : next],
    ...shown.map(({ versionId, labels, createdAt, login, why, apiKeyId }): Line => {
      const facts = [
        labels.join(', ') || 'no label',
        ...(createdAt === null ? [] : [`stored ${createdAt}`]),
        ...(apiKeyId === null ? [] : [`API key ${apiKeyId}`]),
      ];
      return ['version', `${versionId}  ${facts.join(', ')}: ${login}${why === null ? '' : `, ${why}`}`];
    }),
    hidden === 0 ? undefined : ['', `and ${hidden} older versions without a label`],
    ...result.notes.map((note): Line => ['note', note]),
  ]);
}

export function issueLines({ result, findings }: StatusEntry): ReadonlyArray<readonly Line[]> {
  const found = [...(result.kind === 'refused' ? [{ ...result, severity: 'refused' }] : []), ...findings];
  return found.map(({ severity, code, message, advice }) => [
    [severity, `${message} (${code})`],
    ...(advice === '' ? [] : [['', advice] as const]),
  ]);
}

function keysText({ keys }: Examination): readonly Line[] {
  if (keys === undefined || 'severity' in keys) {
    return [];
  }
  const { current, previous, orphans, listed } = keys;
  return [
    ['key', current === undefined ? 'the control plane does not know the key in AWSCURRENT' : keyText(current)],
    ...(previous === undefined
      ? []
      : [['previous', `${previous.id} ${previous.exists ? 'exists' : 'was deleted'}`] as const]),
    ...(orphans.length === 0 ? [] : [['orphans', idsOf(orphans).join(', ')] as const]),
    ['quota', `${listed.length} of ${MAX_KEYS} API keys`],
  ];
}

const SOURCES: Readonly<Record<ExaminedJson['strategy']['source'], string>> = {
  function: 'as the rotation function is configured',
  option: 'as asked',
  assumed: 'assumed',
};

function usersText({ name, source, users, current, other, ...both }: ExaminedJson['strategy']): readonly Line[] {
  const strategy: Line = [
    'strategy',
    [name, ...(users.length === 0 ? [] : [users.join(' and ')]), SOURCES[source]].join(', '),
  ];
  if (current === null || other === null) {
    return [strategy];
  }
  const { inForce, versionId } = other;
  const accepted = inForce ? `version ${versionId} is accepted` : inForce === null ? 'not known' : 'none is accepted';
  const from = both.nextRotationPossibleFrom;
  return [
    strategy,
    ['current', current.since === null ? current.username : `${current.username}, since ${current.since}`],
    ['other', `${other.username}, ${accepted}. The next rotation changes it${from === null ? '' : `, from ${from}`}`],
  ];
}

function rotationText({ functionArn, enabled, schedule }: ExaminedJson['rotation']): string {
  return functionArn === null
    ? 'not configured'
    : `${enabled ? `on, ${schedule ?? 'no schedule'}` : 'off'}, function ${functionArn.split(':').slice(6).join(':')}`;
}

export function statusJson({ result, findings }: StatusEntry, now: number): Record<string, unknown> {
  if (result.kind === 'refused') {
    const { secretId, secret, code, message, advice } = result;
    return { secret: secretId, arn: secret?.arn ?? null, error: { code, message, advice }, findings };
  }
  return { secret: result.secretId, error: null, ...examinedJson(result, now), findings, notes: result.notes };
}

type ExaminedJson = ReturnType<typeof examinedJson>;

function examinedJson(examination: Examination, now: number) {
  const { secret, current, search, versions, knownUsers } = examination;
  const credentials = current?.credentials;
  return {
    arn: secret.arn,
    cluster:
      credentials === undefined
        ? null
        : {
            endpoint: credentials.endpoint.url,
            ...formOf(credentials).json(knownUsers.has(credentials.username) ? credentials.username : null),
          },
    inForce: search.kind === 'found' ? search.accepted.candidate : null,
    strategy: strategyJson(examination),
    keys: keysJson(examination),
    rotation: {
      enabled: secret.rotationEnabled,
      functionArn: secret.rotationFunctionArn ?? null,
      schedule: secret.schedule ?? null,
      lastRotatedAt: iso(secret.lastRotatedAt),
      nextRotationAt: iso(secret.nextRotationAt),
      overdue: isOverdue(secret, now),
    },
    versions: versions.map((version) => versionJson(version, examination)),
  };
}

function keysJson({ keys }: Examination) {
  if (keys === undefined || 'severity' in keys) {
    return null;
  }
  const { current, previous = null, orphans, listed } = keys;
  return {
    current:
      current === undefined
        ? null
        : { id: current.id, name: current.name, createdAt: iso(current.createdAt), ...current.scope },
    ...{ previous, orphans: idsOf(orphans), count: listed.length, quota: MAX_KEYS },
  };
}

function strategyJson(examination: Examination) {
  const { strategy, other, current } = examination;
  const { name, source, users } = strategy;
  const roles = comparedRoles(examination);
  const { username } = current?.credentials ?? {};
  const search = other?.search;
  return {
    ...{ name, source, users },
    current:
      other === undefined || username === undefined
        ? null
        : { username, since: iso(other.currentSince), roles: roles?.current ?? null },
    other:
      other === undefined
        ? null
        : {
            username: other.username,
            /** Null: not known. */
            inForce: search?.kind === 'found' ? true : search?.kind === 'none' ? false : null,
            versionId: search?.kind === 'found' ? search.accepted.versionId : null,
            roles: roles?.other ?? null,
          },
    rolesEqual: roles?.equal ?? null,
    nextRotationPossibleFrom: iso(other?.gap?.end),
  };
}

function versionJson({ versionId, labels, createdAt }: ListedVersion, examination: Examination) {
  const tried = examination.tried.find(({ candidate }) => candidate.versionId === versionId);
  const why = tried && reasonOfSkip(tried, examination);
  return {
    ...{ versionId, labels },
    createdAt: iso(createdAt || undefined),
    login: tried?.login ?? 'not tried',
    why: why ?? null,
    apiKeyId: tried?.apiKeyId ?? null,
  };
}
