import type { AuditReport } from './json-schema.ts';

/** The cells of a row by their keys in the JSON document. `policy.schedule` is a nested key. */
export type ReportRow = ReadonlyMap<string, Cell>;

type Cell = string | number | boolean | Date | null;

export function countsOf({ secrets, unreadable }: AuditReport): string {
  const withException = secrets.filter(({ exceptions }) => exceptions.length > 0).length;
  return `${secrets.length} reported, ${withException} with an exception, ${unreadable.length} not reported`;
}

/** A row for each secret. Secrets that could not be read have a row too. */
export function secretRows({ secrets, unreadable }: AuditReport): readonly ReportRow[] {
  return [
    ...secrets.map((secret) =>
      toRow({ ...secret, rotations: secret.rotations.filter(({ kind }) => kind === 'rotation').length }),
    ),
    ...unreadable.map(({ secretId, reason }) => toRow({ secret: secretId, exceptions: `not-readable: ${reason}` })),
  ];
}

export function rotationRows({ secrets }: AuditReport): readonly ReportRow[] {
  return secrets.flatMap(({ secret, arn, rotations }) =>
    rotations.map((rotation) => toRow({ secret, arn, ...rotation })),
  );
}

/** A row for each exception, and first for each secret that could not be read. */
export function exceptionRows({ secrets, unreadable }: AuditReport): readonly ReportRow[] {
  return [
    ...unreadable.map(({ secretId, reason }) => toRow({ secret: secretId, code: 'not-readable', reason })),
    ...secrets.flatMap(({ secret, arn, exceptions }) =>
      exceptions.map((exception) => toRow({ secret, arn, ...exception })),
    ),
  ];
}

function toRow(values: object): ReportRow {
  return new Map(cellsOf(values));
}

/** A list is one cell. */
function cellsOf(values: object, prefix = ''): readonly (readonly [key: string, cell: Cell])[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const key = `${prefix}${name}`;
    if (Array.isArray(value)) {
      const items = value.map((item: object | string) =>
        typeof item === 'string' ? item : Object.values(item).filter(Boolean).map(cellText).join(' '),
      );
      return [[key, items.join('; ')] as const];
    }
    return typeof value === 'object' && value !== null && !(value instanceof Date)
      ? cellsOf(value as object, `${key}.`)
      : [[key, value as Cell] as const];
  });
}

/** For machines. */
export function cellText(cell: Cell | undefined): string {
  return cell instanceof Date ? cell.toISOString() : String(cell ?? '');
}

/** A table whose columns are the keys of the rows, first `secret` and `arn`. */
export function csv(rows: readonly ReportRow[]): string {
  const header = [...new Set(['secret', 'arn', ...rows.flatMap((row) => [...row.keys()])])];
  const lines = [header, ...rows.map((row) => header.map((key) => cellText(row.get(key))))];
  return lines.map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

/**
 * A field of RFC 4180. A spreadsheet runs a text that begins with one of these characters as a
 * formula, so an apostrophe comes first.
 */
function quoted(value: string): string {
  const text = /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value;
  return /[",\r\n;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
