import { styleText } from 'node:util';
import wrapAnsi from 'wrap-ansi';
import type { CommandPorts } from '../command-ports.ts';

/** A line of a {@link paragraph}, or a numbered line of a plan. */
const START_OF_LINE = /^ {2}(?:(\S+) +|\d+\. | +)/;

/** The colour of the first word of a line, on a terminal. */
const COLOURS = {
  red: ['problem', 'failed', 'failure', 'fail', 'abandoned', 'message'],
  yellow: ['undecided', 'refused', 'warning', 'unknown', 'note', 'notice'],
  green: ['pass'],
} as const;

/** A command that an operator can run, in a text. */
const COMMAND = /`((?:zilliz-rotation|aws|npx) [^`]+)`/;

/**
 * Writes a result. On a terminal, breaks lines between words, indents their continuation, and
 * colours what asks for attention, unless NO_COLOR is set. There, an advised command stands alone
 * on its line and is not broken, so that it can be pasted. In a pipe, each line stays whole, so
 * that `grep` and `awk` find it.
 */
export function writeText(out: CommandPorts['out'], text: string): void {
  const { columns } = out as Partial<NodeJS.WriteStream>;
  if ((out as Partial<NodeJS.WriteStream>).isTTY !== true || columns === undefined) {
    out.write(text);
    return;
  }
  const lines = text.split('\n').map((line) => wrapLine(line, columns, out));
  out.write(lines.join('\n'));
}

function wrapLine(line: string, columns: number, out: CommandPorts['out']): string {
  const [start = '', key] = START_OF_LINE.exec(line) ?? [];
  const [first = '', ...more] = linesOf(line.slice(start.length), Math.max(20, columns - start.length));
  const indent = ' '.repeat(start.length);
  return [`${styled(start, key, out)}${first}`, ...more.map((rest) => `${indent}${rest}`)].join('\n');
}

function linesOf(text: string, width: number): readonly string[] {
  // With a group in the pattern, every second part is a command.
  const parts = text.split(COMMAND);
  return parts.flatMap((part, index) => {
    if (index % 2 === 1) {
      return [part];
    }
    const prose = index === 0 ? part.trimEnd() : part.replace(/^[.,:;]?\s+|^[.,:;]$/, '').trimEnd();
    return prose === '' && parts.length > 1 && index > 0 ? [] : wrapAnsi(prose, width).split('\n');
  });
}

function styled(start: string, key: string | undefined, stream: CommandPorts['out']): string {
  const [colour] = (['red', 'yellow', 'green'] as const).filter((each) => COLOURS[each].some((word) => word === key));
  return colour === undefined ? start : styleText(colour, start, { stream });
}
