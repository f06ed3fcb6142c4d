import { cellText, type Row } from './rows.ts';

/** A table whose columns are the keys of the rows, first `secret` and `arn`. */
export function csv(rows: readonly Row[]): string {
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
