import { durationOf, type PastRotation } from '../history/past-rotation.ts';
import { DAY_MS, iso } from '../terminal/time.ts';
import type { AuditReport } from './audit-report.ts';

/** One row for each secret. Secrets that could not be read have a row with their reason. */
export function secretsCsv({ ownerTags, secrets, unreadable, generatedAt }: AuditReport): string {
  const header = [
    ...['secret', 'arn', ...ownerTags.map((key) => `tag ${key}`), 'rotation', 'function', 'schedule'],
    ...['window', 'created', 'last rotation', 'last read', 'next rotation', 'age in days', 'allowed age in days'],
    ...['rotations in the period', 'exceptions', 'as of'],
  ];
  const rows = secrets.map((entry) => {
    const { secret, owners, rotatedAt, ageMs, allowedAgeMs, rotations, exceptions } = entry;
    return [
      ...[secret.name, secret.arn, ...owners, secret.rotationEnabled ? 'on' : 'off', secret.rotationFunctionArn],
      ...[secret.schedule, secret.window, iso(secret.createdAt), iso(rotatedAt), iso(secret.lastAccessedAt)],
      ...[iso(secret.nextRotationAt), inDays(ageMs), inDays(allowedAgeMs)],
      rotations.filter(({ kind }) => kind === 'rotation').length,
      exceptions.map(({ code, reason }) => `${code}: ${reason}`).join(' '),
      iso(generatedAt),
    ];
  });
  const missing = unreadable.map(({ secretId, reason }) =>
    header.map((name) => (name === 'secret' ? secretId : name === 'exceptions' ? `not-readable: ${reason}` : '')),
  );
  return csv([header, ...rows, ...missing]);
}

/** One row for each rotation. */
export function rotationsCsv({ secrets }: AuditReport): string {
  const header = [
    ...['secret', 'arn', 'kind', 'version', 'start', 'end', 'duration in ms', 'started by', 'result', 'failures'],
    ...['source of the start', 'source of the end', 'source of the starter', 'source of the result'],
  ];
  const rows = secrets.flatMap(({ secret, rotations }) =>
    rotations.map((rotation) => [secret.name, secret.arn, ...rotationCells(rotation)]),
  );
  return csv([header, ...rows]);
}

function rotationCells(rotation: PastRotation): readonly Cell[] {
  const { kind, versionId, startedAt, endedAt, trigger, outcome, failures } = rotation;
  return [
    ...[kind, versionId, iso(startedAt?.value), iso(endedAt?.value), durationOf(rotation)],
    ...[trigger?.value ?? 'not known', outcome?.value ?? 'not known'],
    failures.map(({ at, step, code, message }) => `${iso(at)} ${step} ${code}: ${message}`).join(' '),
    ...[startedAt, endedAt, trigger, outcome].map((known) => known?.source),
  ];
}

function inDays(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round((milliseconds / DAY_MS) * 10) / 10;
}

type Cell = string | number | null | undefined;

function csv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/**
 * A field of RFC 4180. A spreadsheet runs a text that begins with one of these characters as a
 * formula, so an apostrophe comes first.
 */
function cell(value: Cell): string {
  if (typeof value !== 'string') {
    return String(value ?? '');
  }
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value;
  return /[",\r\n;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
