import { createHash } from 'node:crypto';
import { accountAndRegionOf } from '../../protocol/secret/rotated-secrets.ts';
import type { PastRotation, Source } from '../history/json-schema.ts';
import { date, formatDuration } from '../terminal/time.ts';
import { isFailed } from './audit-secret.ts';
import { Html, html, PAGE_STYLE, table } from './html.ts';
import type { AuditReport, AuditSecret } from './json-schema.ts';

/** The report as one page of HTML without a script. It loads nothing. */
export function reportPage(audit: AuditReport): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Rotation evidence, ${dateOrUnknown(audit.since)} to ${dateOrUnknown(audit.until)}</title>
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<header>
<h1>Rotation evidence</h1>
<p>Credentials of Zilliz Cloud and Milvus in AWS Secrets Manager</p>
${summary(audit)}
<nav aria-label="Sections"><a href="#exceptions">Exceptions</a> ·
<a href="#secrets">Secrets</a> · <a href="#rotations">Rotations</a> · <a href="#sources">Sources</a></nav>
</header>
<main>
<h2 id="exceptions">Exceptions</h2>
${exceptions(audit)}
<h2 id="secrets">Secrets</h2>
${secrets(audit)}
<h2 id="rotations">Rotations</h2>
${rotations(audit)}
<h2 id="sources">Sources</h2>
${sources(audit)}
</main>
</body>
</html>
`.text;
}

/** Only the style of this program applies, even if a value escaped its text. */
function policy(): string {
  const hash = createHash('sha256').update(PAGE_STYLE).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

function summary({ version, generatedAt, since, until, ownerTags, secrets, unreadable }: AuditReport): Html {
  const withException = secrets.filter((secret) => secret.exceptions.length > 0).length;
  const all = secrets.flatMap((secret) => secret.rotations);
  const facts = [
    ['Period', `${dateOrUnknown(since)} to ${dateOrUnknown(until)}`],
    [
      'Written',
      `${dateOrUnknown(generatedAt)}, by zilliz-rotation ${version}. The state of the secrets is of this time.`,
    ],
    ['Secrets', `${secrets.length} reported, ${withException} with an exception, ${unreadable.length} not reported`],
    ['Rotations', rotationCounts(all)],
    ['Tags that name an owner', ownerTags.join(', ')],
  ] as const;
  return html`<dl>${facts.map(([title, text]) => html`<dt>${title}</dt><dd>${text}</dd>`)}</dl>`;
}

function exceptions(audit: AuditReport): Html {
  const found = audit.secrets.flatMap((secret) =>
    secret.exceptions.map(({ code, reason }) => [nameOf(secret), code, reason]),
  );
  const unreadable = audit.unreadable.map(({ secretId, reason }) => [secretId, 'not-readable', reason]);
  const rows = [...unreadable, ...found];
  const caption = rows.length === 0 ? 'No secret has an exception.' : 'A secret may have several exceptions.';
  return table(caption, ['Secret', 'Exception', 'Reason'], rows);
}

function secrets(audit: AuditReport): Html {
  const rows = audit.secrets.map((entry) => {
    const { policy, owners, rotatedAt, ageMs, allowedAgeMs } = entry;
    const schedule = policy.enabled ? (policy.schedule ?? 'no schedule') : 'rotation is off';
    const allowed = allowedAgeMs === null ? 'no limit from a schedule' : `allowed: ${formatDuration(allowedAgeMs)}`;
    return [
      nameOf(entry),
      Object.values(owners).filter(Boolean).join(', ') || 'none',
      html`${schedule}<small>${policy.window === null ? '' : `window ${policy.window}`}</small><small>${policy.strategy ?? 'strategy not known'}</small>`,
      html`${dateOrUnknown(rotatedAt)}<small>next: ${dateOrUnknown(policy.nextRotationAt)}</small>`,
      html`${formatDuration(ageMs)}<small>${allowed}</small>`,
      rotationCounts(entry.rotations),
    ];
  });
  const columns = [
    'Secret',
    'Owner',
    'Schedule and strategy',
    'Last rotation',
    'Age of the credential',
    'Rotations in the period',
  ];
  return table('The secrets of this report.', columns, rows);
}

function rotations(audit: AuditReport): Html {
  const rows = audit.secrets.flatMap((secret) =>
    secret.rotations.map((rotation) => [
      nameOf(secret),
      sourced(rotation, 'startedAt'),
      sourced(rotation, 'endedAt'),
      sourced(rotation, 'trigger'),
      result(rotation),
    ]),
  );
  const caption = 'The source of each value follows the value. "Stored" is a version of which only the date is known.';
  return table(caption, ['Secret', 'Start', 'End', 'Started by', 'Result'], rows);
}

function result(rotation: PastRotation): Html {
  const { kind, versionId, failures, createdKey, deletedKeys } = rotation;
  const what = kind === 'version' ? 'stored' : kind === 'test' ? 'test of a schedule: ' : '';
  const mark = isFailed(rotation) ? 'failed' : '';
  const keys = [
    ...(createdKey === null ? [] : [html`<small>created API key ${createdKey}</small>`]),
    ...deletedKeys.map(({ apiKeyId, why }) => html`<small>deleted API key ${apiKeyId}, ${why ?? ''}</small>`),
  ];
  const failed = failures.map(
    ({ at, step, code, message }) => html`<li>${dateOrUnknown(at)} ${step} ${code}: ${message}</li>`,
  );
  return html`${what}${kind === 'version' ? '' : html`<span class="${mark}">${sourced(rotation, 'outcome')}</span>`}
<small>version ${versionId ?? 'not known'}</small>${keys}${failed.length === 0 ? '' : html`<ul>${failed}</ul>`}`;
}

const SOURCES: Readonly<Record<Source, string>> = {
  log: 'proves steps, times and codes of the function, which logs success only after the cluster accepted the new credential. It does not say who started a rotation.',
  cloudtrail: 'proves who called RotateSecret, and the result, for 90 days. It has no steps and codes.',
  versions: 'prove when a version was stored, and not by whom. AWS deletes old versions without a label.',
  labels: 'prove that a rotation is not complete at the time of the report. They say nothing about the past.',
};

function sources({ notes }: AuditReport): Html {
  const missing = notes.map(({ source, message }) => html`<li>${source ?? ''}: ${message}</li>`);
  const proofs = Object.entries(SOURCES).map(([source, text]) => html`<dt>${source}</dt><dd>${text}</dd>`);
  return html`${missing.length === 0 ? '' : html`<p>What a source did not tell:</p><ul>${missing}</ul>`}
<dl>${proofs}</dl>`;
}

function nameOf({ secret, arn }: AuditSecret): Html {
  const { region, account } = accountAndRegionOf(arn);
  return html`${secret}<small>${region} ${account}</small>`;
}

function rotationCounts(all: readonly PastRotation[]): string {
  const rotations = all.filter(({ kind }) => kind === 'rotation');
  const succeeded = rotations.filter(({ outcome }) => outcome === 'succeeded').length;
  const failed = rotations.filter(isFailed).length;
  const other = rotations.length - succeeded - failed;
  return `${succeeded} succeeded, ${failed} failed or abandoned${other > 0 ? `, ${other} other` : ''}`;
}

function dateOrUnknown(time: Date | null): string {
  return time === null ? 'not known' : date(time);
}

function sourced(rotation: PastRotation, field: keyof PastRotation['sources']): Html | string {
  const value = rotation[field];
  return value === null
    ? 'not known'
    : html`${value instanceof Date ? date(value) : value}<small>${rotation.sources[field] ?? ''}</small>`;
}
