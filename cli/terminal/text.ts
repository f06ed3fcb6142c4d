/** Replaces control characters, because text from AWS or from the function's log could move the terminal's cursor. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

/** A title, then one indented line for each key. A line with an empty key continues the line before it. */
export function paragraph(title: string, lines: readonly (readonly [key: string, text: string])[]): string {
  return [printable(title), ...lines.map(([key, text]) => `  ${key.padEnd(10)} ${printable(text)}`), ''].join('\n');
}
