import { AWSCURRENT } from '../../secret/versions.ts';
import type { Clash } from '../examine/clashes.ts';
import type { Examination, Examined, StoredVersion } from '../examine/examine-secret.ts';
import type { Finding } from '../examine/findings.ts';
import { triedAll } from '../examine/untried.ts';
import { printable } from '../terminal/printable.ts';

/** One secret as `status` shows it. */
export interface StatusEntry {
  readonly examined: Examined;
  readonly findings: readonly Finding[];
}

/** For people. */
export function statusText({ examined, findings }: StatusEntry, now: number): string {
  if (examined.kind === 'refused') {
    return paragraph(`${examined.secretId}: cannot be examined (${examined.code})`, [
      ['what', examined.message],
      ['next', examined.advice],
    ]);
  }
  const { secret, current, versions, notes } = examined;
  const lines: [string, string][] = [
    ['cluster', current === undefined ? 'not known' : `${current.username} at ${current.endpoint.url}`],
    ['in force', inForceText(examined)],
    ['rotation', rotationText(examined)],
    ['rotated', secret.lastRotatedAt === undefined ? 'never' : date(secret.lastRotatedAt)],
    ['next', nextText(examined, now)],
    ...shown(versions).map((version): [string, string] => ['version', versionText(version, examined)]),
    ...omitted(versions),
    ...notes.map((note): [string, string] => ['note', note]),
    ...findings.flatMap(({ severity, code, message, advice }): [string, string][] => [
      [severity, `${message} (${code})`],
      ['', advice],
    ]),
  ];
  return paragraph(secret.name, lines);
}

export function clashText({ endpoint, username, secrets }: Clash): string {
  return paragraph(`clash: ${secrets.join(', ')}`, [
    ['what', `All hold the password of ${username} at ${endpoint}. A rotation of one makes the others wrong.`],
    ['next', 'Give each secret a user of its own, or let one secret serve all readers.'],
  ]);
}

/** One secret in the document that `--json` prints; docs/cli.md describes it. */
export function statusJson({ examined, findings }: StatusEntry, now: number): Record<string, unknown> {
  if (examined.kind === 'refused') {
    const { secretId, code, message, advice } = examined;
    return { secret: secretId, arn: null, error: { code, message, advice } };
  }
  const { secretId, secret, current, cluster, versions, notes } = examined;
  return {
    secret: secretId,
    arn: secret.arn,
    error: null,
    cluster: current === undefined ? null : { endpoint: current.endpoint.url, username: current.username },
    inForce: cluster.kind === 'found' ? cluster.candidate : null,
    rotation: {
      enabled: secret.rotationEnabled,
      functionArn: secret.rotationFunctionArn ?? null,
      schedule: secret.schedule ?? null,
      lastRotatedAt: iso(secret.lastRotatedAt),
      nextRotationAt: iso(secret.nextRotationAt),
      overdue: secret.rotationEnabled && secret.nextRotationAt !== undefined && secret.nextRotationAt < now,
    },
    versions: versions.map((version) => ({
      versionId: version.versionId,
      labels: version.labels,
      createdAt: iso(version.createdAt),
      ...loginOf(version, examined),
    })),
    findings,
    notes,
  };
}

function inForceText(examination: Examination): string {
  const { cluster, secret } = examination;
  switch (cluster.kind) {
    case 'found': {
      const labels = secret.versions.find(({ versionId }) => versionId === cluster.candidate.versionId)?.labels ?? [];
      return labels.includes(AWSCURRENT) ? 'AWSCURRENT' : `version ${cluster.candidate.versionId}, not AWSCURRENT`;
    }
    case 'none':
      return triedAll(examination) ? 'none of the stored versions' : 'none of the versions tried';
    case 'not-enforced':
      return 'cannot be told: authorization is switched off';
    case 'undecided':
    case 'unusable':
      return 'not known';
  }
}

function rotationText({ secret }: Examination): string {
  if (secret.rotationFunctionArn === undefined) {
    return 'not configured';
  }
  const by = `by ${secret.rotationFunctionArn.split(':').slice(6).join(':')}`;
  return secret.rotationEnabled ? `on, ${secret.schedule ?? 'no schedule'}, ${by}` : `off, ${by} before`;
}

function nextText({ secret }: Examination, now: number): string {
  if (secret.nextRotationAt === undefined) {
    return 'none';
  }
  return `${date(secret.nextRotationAt)}${secret.rotationEnabled && secret.nextRotationAt < now ? ', OVERDUE' : ''}`;
}

/** A secret that rotates often has a hundred versions without a label; all of them are in the JSON document. */
const UNLABELLED_SHOWN = 5;

function shown(versions: readonly StoredVersion[]): readonly StoredVersion[] {
  const unlabelled = versions.filter(({ labels }) => labels.length === 0);
  return versions.filter((version) => !unlabelled.slice(UNLABELLED_SHOWN).includes(version));
}

function omitted(versions: readonly StoredVersion[]): [string, string][] {
  const count = versions.length - shown(versions).length;
  return count === 0 ? [] : [['', `and ${count} older ones without a label`]];
}

function versionText(version: StoredVersion, examination: Examination): string {
  const { login, why } = loginOf(version, examination);
  const labels = version.labels.length === 0 ? 'no label' : version.labels.join(', ');
  const made = version.createdAt === undefined ? '' : `, stored ${date(version.createdAt)}`;
  return `${version.versionId}  ${labels}${made}: ${login}${why === null ? '' : `, ${why}`}`;
}

function loginOf({ versionId }: StoredVersion, { cluster }: Examination): { login: string; why: string | null } {
  const tried =
    cluster.kind === 'unusable' ? undefined : cluster.tried.find(({ candidate }) => candidate.versionId === versionId);
  return tried === undefined ? { login: 'not tried', why: null } : { login: tried.login, why: tried.why ?? null };
}

function paragraph(title: string, lines: readonly [string, string][]): string {
  return [title, ...lines.map(([key, text]) => `  ${key.padEnd(10)} ${printable(text)}`), ''].join('\n');
}

function date(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function iso(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}
