import type { CommandPorts } from '../command-ports.ts';
import type { SharedOptions } from './options.ts';

/** The progress is shown this often on a terminal, and in a pipe. */
const REFRESH_MS = { terminal: 250, lines: 5000 } as const;

/** Shows the progress of many secrets again and again, until the signal. */
export async function showWhile(
  done: AbortSignal,
  show: () => void,
  { quiet }: SharedOptions,
  { clock, err }: Pick<CommandPorts, 'clock' | 'err'>,
): Promise<void> {
  while (!done.aborted && quiet !== true) {
    await clock.sleep(err.isTTY ? REFRESH_MS.terminal : REFRESH_MS.lines, done);
    if (!done.aborted) {
      show();
    }
  }
}
