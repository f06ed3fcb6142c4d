import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import type { CommandPorts } from '../command-ports.ts';
import { type Failure, interruptedBeforeChange, refused } from '../outcome/failure.ts';
import { printable } from './text.ts';

/** Asks a question on a terminal. Every answer except `y` and `yes` is a no, also Ctrl-C. */
export async function ask(question: string, read: CommandPorts['readPassword']): Promise<'yes' | 'no'> {
  const answer = (await read(`${question} [y/N] `, { isVisible: true })) ?? '';
  return /^\s*y(es)?\s*$/i.test(answer) ? 'yes' : 'no';
}

/** Shows a text and asks, unless an option answers. @returns `undefined` after a yes */
export async function showAndAsk(
  text: string,
  question: string,
  { yes, json }: { readonly yes?: boolean; readonly json?: boolean },
  { out, ask, interrupted }: Pick<CommandPorts, 'out' | 'ask' | 'interrupted'>,
): Promise<Failure | undefined> {
  if (!json) {
    out.write(text);
  }
  const answer = yes ? 'yes' : json ? undefined : await ask?.(printable(question));
  if (interrupted.aborted) {
    return interruptedBeforeChange();
  }
  switch (answer) {
    case 'yes':
      return undefined;
    case 'no':
      return refused(
        'declined',
        'The plan was declined. Nothing was changed.',
        'Run the command again to carry the plan out.',
      );
    case undefined:
      return refused(
        'consent-needed',
        'Nobody confirmed the plan. Nothing was changed.',
        'Repeat with --yes to carry the plan out.',
      );
  }
}

type Input = NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'ref' | 'unref'>>;

interface Interruption {
  /** Called at Ctrl-C, because a terminal that hides its input sends no signal. */
  readonly interrupt: () => void;
  readonly interrupted: AbortSignal;
}

/**
 * Returns a function that reads a password. On a terminal, it asks, and hides what is typed unless
 * that may be visible. Otherwise each call reads a line of the input. `undefined`: the input ended,
 * or Ctrl-C.
 */
export function createPasswordReader(
  input: Input,
  output: NodeJS.WritableStream & { isTTY?: boolean },
  interruption: Interruption,
): CommandPorts['readPassword'] {
  let lines: AsyncIterator<string> | undefined;
  return async (question, { isVisible } = { isVisible: false }) => {
    if (input.isTTY === true) {
      return await readOnTerminal(question, { input, output, isVisible }, interruption);
    }
    // Made once, because a reader takes more from the pipe than its first line.
    lines ??= createInterface({ input })[Symbol.asyncIterator]();
    input.ref?.();
    const { interrupted } = interruption;
    const line = lines.next().then(({ value }: IteratorResult<string, undefined>) => value);
    const interruptedRead = interrupted.aborted ? undefined : once(interrupted, 'abort').then(() => undefined);
    const answer = await Promise.race([line, interruptedRead]);
    // Without this, a pipe that stays open would keep the process alive.
    input.unref?.();
    return answer;
  };
}

async function readOnTerminal(
  question: string,
  { input, output, isVisible }: { input: Input; output: NodeJS.WritableStream; isVisible: boolean },
  { interrupt, interrupted }: Interruption,
): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input, output: isVisible ? output : nowhere, terminal: true, historySize: 0 });
  terminal.on('SIGINT', interrupt);
  if (isVisible) {
    return await readAnswer(terminal, question, interrupted);
  }
  output.write(question);
  const answer = await readAnswer(terminal, '', interrupted);
  output.write('\n');
  return answer;
}

/** Reads one line and closes the reader. `undefined`: the input ended, or Ctrl-C. */
async function readAnswer(lines: Interface, prompt: string, interrupted: AbortSignal): Promise<string | undefined> {
  try {
    const answer = lines.question(prompt, { signal: interrupted });
    return await Promise.race([answer, once(lines, 'close').then(() => undefined)]);
  } catch (error) {
    // The signal, or Ctrl-D on a terminal.
    if ((error as NodeJS.ErrnoException).code === 'ABORT_ERR') {
      return undefined;
    }
    throw error;
  } finally {
    lines.close();
  }
}
