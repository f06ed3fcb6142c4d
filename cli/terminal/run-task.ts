import type { CommandPorts } from '../command-ports.ts';
import type { SharedOptions } from './options.ts';
import { printable } from './text.ts';

/** Work that the command shows while it runs, as lines on stderr. */
export interface Task<T> {
  /** What the work is about: the name of a secret. Each line begins with it. */
  readonly title: string;
  /** What the work does, as a phrase: its first line. */
  readonly doing?: string;
  /** Work on many secrets: a line that is shown at intervals and at the end. */
  readonly progress?: () => string;
  run(showProgress: (line: string) => void): Promise<T>;
}

/** How often the progress of work on many secrets is shown. */
const INTERVAL_MS = 5000;

/** Runs a task and shows its progress. Rejects with the error of the task. */
export async function runTask<T>(
  { title, doing, progress, run }: Task<T>,
  options: SharedOptions,
  ports: Pick<CommandPorts, 'err' | 'clock'>,
): Promise<T> {
  const show = createProgressWriter(title, options, ports);
  if (doing !== undefined) {
    show(doing);
  }
  const ended = new AbortController();
  const shown = progress && showUntil(ended.signal, () => show(progress()), ports);
  try {
    return await run(show);
  } finally {
    ended.abort();
    await shown;
  }
}

/** Writes one line of progress about a secret, unless `--quiet` is given. */
export function createProgressWriter(
  title: string,
  { quiet }: SharedOptions,
  { err }: Pick<CommandPorts, 'err'>,
): (line: string) => void {
  return (line) => void (quiet || err.write(`${printable(`› ${title}: ${line}`)}\n`));
}

async function showUntil(ended: AbortSignal, show: () => void, { clock }: Pick<CommandPorts, 'clock'>): Promise<void> {
  while (!ended.aborted) {
    await clock.sleep(INTERVAL_MS, ended);
    show();
  }
}
