import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline/promises';

/**
 * Asks a question on a terminal. Every answer except `y` and `yes` is a no, also Ctrl-C.
 *
 * @param confirmation the only answer that is a yes, instead of `y` and `yes`
 */
export async function ask(
  question: string,
  terminal: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream },
  interrupted: AbortSignal,
  confirmation?: string,
): Promise<'yes' | 'no'> {
  // With `terminal: true`, readline would handle Ctrl-C itself.
  const lines = createInterface({ ...terminal, terminal: false });
  const prompt = confirmation === undefined ? `${question} [y/N] ` : `${question} `;
  const answer = (await readAnswer(lines, prompt, interrupted)) ?? '';
  const isYes = confirmation === undefined ? /^\s*y(es)?\s*$/i.test(answer) : answer.trim() === confirmation;
  return isYes ? 'yes' : 'no';
}

/** Reads one line and closes the reader. `undefined`: the input ended, or Ctrl-C. */
export async function readAnswer(
  lines: Interface,
  prompt: string,
  interrupted: AbortSignal,
): Promise<string | undefined> {
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
