import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';

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
  try {
    const answer = await Promise.race([
      lines.question(confirmation === undefined ? `${question} [y/N] ` : `${question} `, { signal: interrupted }),
      // The input ended without an answer.
      once(lines, 'close').then(() => ''),
    ]);
    const isYes = confirmation === undefined ? /^\s*y(es)?\s*$/i.test(answer) : answer.trim() === confirmation;
    return isYes ? 'yes' : 'no';
  } catch (error) {
    if (interrupted.aborted) {
      return 'no';
    }
    throw error;
  } finally {
    lines.close();
  }
}
