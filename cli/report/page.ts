import { createHash } from 'node:crypto';
import type { HistorySource } from '../history/json-schema.ts';
import { date, formatDuration } from '../terminal/time.ts';
import { isFailed } from './audit-secret.ts';
import type { AuditReport } from './json-schema.ts';
import { cellText, countsOf, exceptionRows, type ReportRow, rotationRows, secretRows } from './rows.ts';

/** The report as one page of HTML without a script. It loads nothing. */
export function reportPage(audit: AuditReport): string {
  const { since, until, generatedAt, version, secrets, notes, ownerTags } = audit;
  const period = `${cellOnPage('since', since)} to ${cellOnPage('until', until)}`;
  const rotations = secrets.flatMap((secret) => secret.rotations).filter(({ kind }) => kind === 'rotation');
  const readable = secretRows(audit).filter((row) => row.has('arn'));
  const owners = ownerTags.map((key) => `owners.${key}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy())}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Rotation evidence, ${escaped(period)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Rotation evidence</h1>
<p>Credentials of Zilliz Cloud and Milvus in AWS Secrets Manager</p>
${list({
  Period: period,
  Written: `${cellOnPage('', generatedAt)}, by zilliz-rotation ${version}. The state of the secrets is of this time.`,
  Secrets: countsOf(audit),
  Rotations: `${rotations.length} in the period, ${rotations.filter(isFailed).length} failed or abandoned`,
  'Tags that name an owner': ownerTags.join(', '),
})}
<h2>Exceptions</h2>
${table('A secret may have several exceptions.', EXCEPTION, exceptionRows(audit))}
<h2>Secrets</h2>
${table('The second line of an age is the age that the schedule allows.', { Secret: ['secret', 'arn'], Owner: owners, ...SECRET }, readable)}
<h2>Rotations</h2>
${table('A version is one of which only the date is known.', ROTATION, rotationRows(audit))}
<h2>Sources</h2>
${notes.map(({ source, message }) => `<p>${escaped(`${source}: ${message}`)}</p>`).join('')}
${list(SOURCES)}
</body>
</html>
`;
}

/** Only the style of this program applies, even if a value escaped its text. */
function policy(): string {
  const hash = createHash('sha256').update(STYLE).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

/** The keys of the cells in each column, by its title. The first key has the first line. */
type Columns = Readonly<Record<string, readonly string[]>>;

const EXCEPTION: Columns = { Secret: ['secret', 'arn'], Exception: ['code'], Reason: ['reason'] };

const SECRET: Columns = {
  Rotation: ['policy.enabled'],
  Schedule: ['policy.schedule', 'policy.window'],
  Strategy: ['policy.strategy'],
  'Last rotation': ['rotatedAt'],
  'Next rotation': ['policy.nextRotationAt'],
  'Age of the credential': ['ageMs', 'allowedAgeMs'],
  'Rotations in the period': ['rotations'],
};

const ROTATION: Columns = {
  Secret: ['secret', 'arn'],
  Kind: ['kind', 'versionId'],
  Start: ['startedAt'],
  End: ['endedAt'],
  'Started by': ['trigger'],
  Result: ['outcome'],
  Sources: ['sources'],
  Failures: ['failures'],
  'Created API key': ['createdKey'],
  'Deleted API keys': ['deletedKeys'],
};

const SOURCES: Readonly<Record<HistorySource, string>> = {
  log: 'proves steps, times and codes of the function, which logs success only after the cluster accepted the new credential. It does not say who started a rotation.',
  cloudtrail: 'proves who called RotateSecret, and the result, for 90 days. It has no steps and codes.',
  versions: 'prove when a version was stored, and not by whom. AWS deletes old versions without a label.',
  labels: 'prove that a rotation is not complete at the time of the report. They say nothing about the past.',
};

function table(caption: string, columns: Columns, rows: readonly ReportRow[]): string {
  const header = Object.keys(columns).map((title) => `<th scope="col">${title}</th>`);
  const body = rows.map((row) => {
    const cells = Object.values(columns).map((keys, index) => {
      const texts = keys.map((key) => escaped(cellOnPage(key, row.get(key))));
      const [first = NOTHING, ...others] = texts.filter((text) => text !== NOTHING);
      const cell = [first, ...others.map((text) => `<small>${text}</small>`)].join('');
      return index === 0 ? `<th scope="row">${cell}</th>` : `<td>${cell}</td>`;
    });
    return `<tr>${cells.join('')}</tr>\n`;
  });
  return `<div><table><caption>${caption}</caption>
<thead><tr>${header.join('')}</tr></thead>
<tbody>
${body.join('')}</tbody></table></div>`;
}

function list(texts: Readonly<Record<string, string>>): string {
  return `<dl>${Object.entries(texts)
    .map(([title, text]) => `<dt>${title}</dt><dd>${escaped(text)}</dd>`)
    .join('')}</dl>`;
}

const NOTHING = '–';

/** For people. */
function cellOnPage(key: string, cell: Parameters<typeof cellText>[0]): string {
  if (cell instanceof Date) {
    return date(cell);
  }
  if (typeof cell === 'boolean') {
    return cell ? 'on' : 'off';
  }
  return typeof cell === 'number' && key.endsWith('Ms') ? formatDuration(cell) : cellText(cell) || NOTHING;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** For light and dark, and for paper. On a narrow screen, a table scrolls. */
const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 90rem; margin: 0 auto; padding: 1rem; }
h2 { margin: 2.5rem 0 0.5rem; }
small { display: block; opacity: 0.75; font-weight: 400; }
dt { font-weight: 600; }
div { overflow-x: auto; }
table { border-collapse: collapse; }
caption { text-align: left; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 1rem 0.4rem 0; border-top: 1px solid #8886; min-width: 6rem; max-width: 24rem; overflow-wrap: anywhere; }
tbody th { min-width: 14rem; }
@media print {
  @page { size: landscape; margin: 12mm; }
  body { font-size: 8.5pt; padding: 0; }
  tr { break-inside: avoid; }
  h2, caption { break-after: avoid; }
}
`;
