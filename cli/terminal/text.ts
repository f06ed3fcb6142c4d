/** Control characters, and characters that reverse the direction of a text. */
const UNSAFE = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * One line that is safe on a terminal: a text from AWS or from a cluster could move the cursor.
 * Line breaks become spaces, and other control characters become escapes.
 */
export function printable(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ').replace(UNSAFE, unicodeEscape);
}

/** As {@link printable}, and keeps line breaks. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** A document of `--json`. JSON itself escapes only some of the control characters. */
export function jsonText(document: unknown): string {
  const text = JSON.stringify(document, undefined, 2);
  return `${text.replace(UNSAFE, (character) => (character === '\n' ? character : unicodeEscape(character)))}\n`;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A word of a command line of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `1 version`, `2 versions` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export type Line = readonly [key: string, text: string];

/** A line for each sentence, so that a person finds the command to paste. */
export function adviceLines(key: string, advice: string): readonly Line[] {
  return advice.split(/(?<=\.) (?=[A-Z])/).map((sentence, index) => [index === 0 ? key : '', sentence]);
}

/** A title, then a line for each key. An empty key continues the line before it. */
export function paragraph(title: string, lines: readonly (Line | undefined)[]): string {
  const texts = lines.flatMap((line) => (line ? `  ${line[0].padEnd(10)} ${printable(line[1])}` : []));
  return [printable(title), ...texts, ''].join('\n');
}
