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
}

/** Runs work that may last longer than a second and has no progress, and shows that it runs. */
export async function runWithTitle<T>(
  { title, doing, summarize }: ShownWork<T>,
  work: () => Promise<T>,
  options: SharedOptions,
  ports: CommandPorts,
): Promise<T> {
  const run: Task<T>['run'] = async (showProgress) => {
    showProgress(doing);
    const value = await work();
    return { value, succeeded: true, summary: summarize(value) };
  };
  return await runTask({ title, run }, options, ports);
}
