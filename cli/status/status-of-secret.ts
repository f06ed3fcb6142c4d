import { MAX_KEYS } from '../../protocol/keys/control-plane.ts';
import { usersOf } from '../../protocol/secret/rotated-secrets.ts';
import { AWSCURRENT, AWSPENDING, AWSPREVIOUS, sentLabel } from '../../protocol/secret/versions.ts';
import { placeText } from '../aws/place.ts';
import { commandForm, jsonName } from '../credential-forms.ts';
import type { Examination } from '../examine/examination.ts';
import type { Finding } from '../examine/finding.ts';
import { keyText } from '../examine/keys.ts';
import { isOverdue } from '../examine/rotation-findings.ts';
import { reasonOfSkip, userAt } from '../examine/tried-versions.ts';
import { adviceLines, type Line, paragraph } from '../terminal/text.ts';
import { toDate } from '../terminal/time.ts';
import { type StatusEntry, shownVersions } from './examine-all.ts';
import type { ExaminedStatus, StatusDocument } from './json-schema.ts';
import { issuesOf, titleOf } from './state.ts';

export function detailsText(entry: StatusEntry, now: number): string {
  const { result } = entry;
  if (result.kind === 'refused') {
    return paragraph(titleOf(entry), issueLines(entry));
  }
  const { arn, cluster, inForce, strategy, rotation, versions, notes } = examinedDocument(result, entry.findings, now);
  const shown = shownVersions(versions);
  const hidden = versions.length - shown.length;
  const next = rotation.nextRotationAt?.toISOString() ?? 'none';
  return paragraph(titleOf(entry), [
    ...issueLines(entry),
    ['place', placeText(arn)],
    ['cluster', cluster === null ? 'not known' : userAt(result)],
    ['accepted', inForce?.stage === 'current' ? 'AWSCURRENT' : inForce ? `version ${inForce.versionId}` : 'none known'],
    ...usersText(strategy),
    ...keysText(result),
    ['rotation', rotationText(rotation)],
    ['rotated', rotation.lastRotatedAt?.toISOString() ?? 'AWS gives no date'],
    ['next', rotation.overdue ? `${next}, OVERDUE` : next],
    ...shown.map(({ versionId, labels, createdAt, login, why, apiKeyId }): Line => {
      const stored = createdAt && `stored ${createdAt.toISOString()}`;
      const facts = [labelsText(versionId, labels) || 'no label', stored, apiKeyId && `API key ${apiKeyId}`].filter(
        Boolean,
      );
      return ['version', `${versionId}  ${facts.join(', ')}: ${[login, why].filter(Boolean).join(', ')}`];
    }),
    hidden === 0 ? undefined : ['', `and ${hidden} older versions without a label`],
    ...notes.map((note): Line => ['note', note]),
  ]);
}

/** The labels of AWS first. */
function labelsText(versionId: string, labels: readonly string[]): string {
  const ofAws = [AWSCURRENT, AWSPENDING, AWSPREVIOUS].filter((label) => labels.includes(label));
  const sent = sentLabel(versionId);
  const others = labels.filter((label) => !ofAws.includes(label) && label !== sent);
  return [...ofAws, ...others, ...(labels.includes(sent) ? ['sent'] : [])].join(', ');
}

/** Beside a problem, a notice shows no advice: the advice of the problem comes first. */
export function issueLines(entry: StatusEntry): readonly Line[] {
  const hasProblem = entry.findings.some(({ severity }) => severity === 'problem');
  return issuesOf(entry).flatMap(({ severity, code, message, advice }): Line[] => [
    [severity, `${message} (${code})`],
    ...(advice === '' || (hasProblem && severity === 'notice') ? [] : adviceLines('', advice)),
  ]);
}

function keysText({ keys }: Examination): ReadonlyArray<Line | undefined> {
  if (keys === undefined || 'severity' in keys) {
    return [];
  }
  const { current, previous, orphans, listed } = keys;
  return [
    ['key', current === undefined ? 'the control plane does not know the key in AWSCURRENT' : keyText(current)],
    previous && ['previous', `${previous.id} ${previous.exists ? 'exists' : 'was deleted'}`],
    orphans.length === 0 ? undefined : ['orphans', orphans.map(({ id }) => id).join(', ')],
    ['quota', `${listed.length} of ${MAX_KEYS} API keys`],
  ];
}

function usersText({ name, source, users, other }: ExaminedStatus['strategy']): readonly Line[] {
  const from = source === 'function' ? 'as the rotation function is configured' : source;
  const strategy: Line = ['strategy', [name, users.join(' and '), from].filter(Boolean).join(', ')];
  if (other === null) {
    return [strategy];
  }
  const { username, inForce, versionId, nextRotationPossibleFrom: end } = other;
  const accepted = inForce ? `version ${versionId} is accepted` : inForce === null ? 'not known' : 'none is accepted';
  const possible = end && `from ${end.toISOString()}`;
  return [
    strategy,
    ['other', [`${username}, ${accepted}. The next rotation changes it`, possible].filter(Boolean).join(', ')],
  ];
}

function rotationText({ functionArn, enabled, schedule }: ExaminedStatus['rotation']): string {
  return functionArn === null
    ? 'not configured'
    : `${enabled ? `on, ${schedule ?? 'no schedule'}` : 'off'}, function ${functionArn.split(':').slice(6).join(':')}`;
}

export function documentOf({ result, findings }: StatusEntry, now: number): StatusDocument['secrets'][number] {
  if (result.kind === 'examined') {
    return examinedDocument(result, findings, now);
  }
  const { secretId, secret, code, message, advice } = result;
  return { secret: secretId, arn: secret?.arn ?? null, error: { code, message, advice }, findings: [...findings] };
}

function examinedDocument(examination: Examination, findings: readonly Finding[], now: number): ExaminedStatus {
  const { secretId, secret, current, search, versions, knownUsers, notes } = examination;
  const credentials = current?.credentials;
  return {
    ...{ secret: secretId, error: null, arn: secret.arn },
    cluster: credentials
      ? { endpoint: credentials.endpoint.url, ...jsonName(credentials, knownUsers.has(credentials.username)) }
      : null,
    inForce: search.kind === 'found' ? { versionId: search.accepted.versionId, stage: search.accepted.stage } : null,
    strategy: strategyOf(examination),
    keys: keysOf(examination),
    rotation: {
      enabled: secret.rotationEnabled,
      functionArn: secret.rotationFunctionArn ?? null,
      schedule: secret.schedule ?? null,
      lastRotatedAt: toDate(secret.lastRotatedAt),
      nextRotationAt: toDate(secret.nextRotationAt),
      overdue: isOverdue(secret, now),
    },
    versions: versions.map(({ versionId, labels, createdAt }) => {
      const tried = examination.tried.get(versionId);
      const held = tried?.why === undefined ? tried?.credentials : undefined;
      const name = held?.username ?? '';
      // Without a found credential, a login may be accepted because authorization is off.
      const isProven = tried?.login === 'accepted' && (search.kind === 'found' || knownUsers.has(name));
      const isNamed = isProven || commandForm(held ?? {}).isPrintable(name);
      return {
        ...{ versionId, labels: [...labels] },
        createdAt: toDate(createdAt || undefined),
        login: tried?.login ?? 'not tried',
        why: (tried && reasonOfSkip(tried, examination)) ?? null,
        apiKeyId: held ? jsonName(held, isNamed).apiKeyId : null,
      };
    }),
    findings: [...findings],
    notes: [...notes],
  };
}

function keysOf({ keys }: Examination): ExaminedStatus['keys'] {
  if (keys === undefined || 'severity' in keys) {
    return null;
  }
  const { current: key, previous = null, orphans, listed } = keys;
  const projects = (key?.scope.projects ?? []).map((project) => ({
    ...project,
    clusterIds: [...project.clusterIds],
    volumeIds: [...project.volumeIds],
  }));
  return {
    current: key
      ? { id: key.id, name: key.name, createdAt: toDate(key.createdAt), orgRole: key.scope.orgRole, projects }
      : null,
    ...{ previous, orphans: orphans.map(({ id }) => id), count: listed.length, quota: MAX_KEYS },
  };
}

function strategyOf({ strategy, other }: Examination): ExaminedStatus['strategy'] {
  const { name, config, pins } = strategy;
  const search = other?.search;
  return {
    ...{ name, source: config ? 'function' : 'assumed', users: [...usersOf(pins)] },
    other: other
      ? {
          username: other.username,
          inForce: search?.kind === 'found' ? true : search?.kind === 'none' ? false : null,
          versionId: search?.kind === 'found' ? search.accepted.versionId : null,
          nextRotationPossibleFrom: toDate(other.gap?.end),
        }
      : null,
  };
}
