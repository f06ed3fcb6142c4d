import type { CommandPorts } from '../command-ports.ts';
import type { SharedOptions } from './options.ts';

/** The progress is shown this often on a terminal, and in a pipe. */
const REFRESH_MS = { terminal: 250, lines: 5000 } as const;

/** Shows the progress of many secrets again and again, while the work runs. */
export async function showWhile<T>(
  work: () => Promise<T>,
  show: () => void,
  options: SharedOptions,
  ports: Pick<CommandPorts, 'clock' | 'err'>,
): Promise<T> {
  const done = new AbortController();
  const shown = showUntil(done.signal, show, options, ports);
  try {
    return await work();
  } finally {
    done.abort();
    await shown;
  }
}

async function showUntil(
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
