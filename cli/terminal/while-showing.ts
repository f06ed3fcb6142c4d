import type { CommandPorts } from '../command-ports.ts';
import type { SharedOptions } from './options.ts';
import { taskListOptions } from './read-options.ts';
import { runTaskList } from './task-list.ts';

export interface ShownWork<T> {
  /** What the work is about: the name of a secret. */
  readonly title: string;
  /** What the command does, as a phrase. */
  readonly doing: string;
  /** How the work ended, as a word or two. */
  readonly summarize: (value: T) => string;
}

/** Runs work that may last longer than a second, and shows that it runs. */
export async function whileShowing<T>(
  { title, doing, summarize }: ShownWork<T>,
  run: () => Promise<T>,
  options: SharedOptions,
  ports: CommandPorts,
): Promise<T> {
  const results: T[] = await runTaskList<T>(
    [
      {
        title,
        run: async (showProgress) => {
          showProgress(doing);
          const value = await run();
          return { value, succeeded: true, summary: summarize(value) };
        },
      },
    ],
    taskListOptions({ ...options, concurrency: 1 }, ports),
  );
  return results[0] as T;
}
