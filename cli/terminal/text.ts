/** Replaces control characters, because text from AWS could move the terminal's cursor. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** A title, then a line for each key. An empty key continues the line before it. */
export function paragraph(title: string, lines: readonly (readonly [key: string, text: string])[]): string {
  return [printable(title), ...lines.map(([key, text]) => `  ${key.padEnd(10)} ${printable(text)}`), ''].join('\n');
}
