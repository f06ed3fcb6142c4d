import type { AuditReport } from './json-schema.ts';

type Row = Readonly<Record<string, unknown>>;

/** A row for each secret. Secrets that could not be read have a row too. */
export function secretsCsv({ secrets, unreadable }: AuditReport): string {
  return csv([
    ...secrets.map((secret) => ({ ...secret, rotations: secret.rotations.length })),
    ...unreadable.map(({ secretId, reason }) => ({ secret: secretId, exceptions: `not-readable: ${reason}` })),
  ]);
}

export function rotationsCsv({ secrets }: AuditReport): string {
  return csv(secrets.flatMap(({ secret, arn, rotations }) => rotations.map((row) => ({ secret, arn, ...row }))));
}

/** Rows with the keys `secret` and `arn` as a table: the keys are the columns. */
function csv(rows: readonly Row[]): string {
  const flat = rows.map((row) => new Map(cellsOf(row)));
  const header = [...new Set(['secret', 'arn', ...flat.flatMap((row) => [...row.keys()])])];
  const lines = [header, ...flat.map((row) => header.map((column) => row.get(column) ?? ''))];
  return lines.map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

/** `policy.schedule` is the column of a nested key. A list of objects is one cell. */
function cellsOf(row: Row, prefix = ''): readonly (readonly [column: string, text: string])[] {
  return Object.entries(row).flatMap(([key, value]) => {
    if (Array.isArray(value)) {
      return [
        [
          `${prefix}${key}`,
          value.map((item: Row) => Object.values(item).filter(Boolean).map(textOf).join(' ')).join('; '),
        ] as const,
      ];
    }
    return typeof value === 'object' && value !== null && !(value instanceof Date)
      ? cellsOf(value as Row, `${prefix}${key}.`)
      : [[`${prefix}${key}`, textOf(value)] as const];
  });
}

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value ?? '');
}

/**
 * A field of RFC 4180. A spreadsheet runs a text that begins with one of these characters as a
 * formula, so an apostrophe comes first.
 */
function quoted(value: string): string {
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value;
  return /[",\r\n;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
