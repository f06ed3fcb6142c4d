import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';

/** Asks a yes-or-no question on a terminal; anything but a clear yes is a no, Ctrl-C included. */
export async function ask(
  question: string,
  terminal: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream },
  interrupted: AbortSignal,
): Promise<'yes' | 'no'> {
  // Not a terminal to readline: it would take Ctrl-C for itself.
  const lines = createInterface({ ...terminal, terminal: false });
  try {
    const [answer] = await Promise.race([
      lines.question(`${question} [y/N] `, { signal: interrupted }).then((text) => [text]),
      // The input has ended without an answer.
      once(lines, 'close').then(() => ['']),
    ]);
    return /^\s*y(es)?\s*$/i.test(answer ?? '') ? 'yes' : 'no';
  } catch (error) {
    if (interrupted.aborted) {
      return 'no';
    }
    throw error;
  } finally {
    lines.close();
  }
}
