import type { CommandPorts } from '../command-ports.ts';
import type { SharedOptions } from './options.ts';
import { printable } from './text.ts';

/** Shows a line on stderr while the command works. */
export type ShowProgress = (line: string) => void;

/**
 * Writes lines of progress, unless `--quiet` is given.
 *
 * @param title what the work is about: the name of a secret. Each line begins with it
 */
export function createProgressWriter(
  title: string,
  { quiet }: SharedOptions,
  { err }: Pick<CommandPorts, 'err'>,
): ShowProgress {
  return (line) => void (quiet || err.write(`${printable(`› ${title}: ${line}`)}\n`));
}

/** How often the progress of work on many secrets is shown. */
const INTERVAL_MS = 5000;

/** Works on many secrets, and shows a line at intervals and at the end. */
export async function showAtIntervals<T>(
  line: () => string,
  show: ShowProgress,
  { clock }: Pick<CommandPorts, 'clock'>,
  work: () => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const showUntilEnd = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await clock.sleep(INTERVAL_MS, ended.signal);
      show(line());
    }
  };
  const shown = showUntilEnd();
  try {
    return await work();
  } finally {
    ended.abort();
    await shown;
  }
}
