import type { CommandPorts } from '../command-ports.ts';
import type { SharedOptions } from './options.ts';
import { taskListOptions } from './read-options.ts';
import { runTaskList, type Task } from './task-list.ts';

/** Runs one task and shows its progress. Rejects with the error of the task. */
export async function runTask<T>(task: Task<T>, options: SharedOptions, ports: CommandPorts): Promise<T> {
  const [value] = await runTaskList([task], taskListOptions({ ...options, concurrency: 1 }, ports));
  return value as T;
}

export interface ShownWork<T> {
  /** What the work is about: the name of a secret. */
  readonly title: string;
  /** What the command does, as a phrase. */
  readonly doing: string;
  /** How the work ended, as a word or two. */
  readonly summarize: (value: T) => string;
  readonly succeeded: (value: T) => boolean;
}

/** Runs work that may last longer than a second and has no progress, and shows that it runs. */
export async function runWithTitle<T>(
  { title, doing, summarize, succeeded }: ShownWork<T>,
  work: () => Promise<T>,
  options: SharedOptions,
  ports: CommandPorts,
): Promise<T> {
  const run: Task<T>['run'] = async (showProgress) => {
    showProgress(doing);
    const value = await work();
    return { value, succeeded: succeeded(value), summary: summarize(value) };
  };
  return await runTask({ title, run }, options, ports);
}

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
