import { DefaultRenderer, Listr, ListrLogger, ListrLogLevels, ProcessOutput } from 'listr2';
import { printable } from './text.ts';

/** Work on one secret, which the list shows while it runs. */
export interface Task<T> {
  readonly title: string;
  /** Shows only the latest line on a terminal. Default: every line if the list has one task. */
  readonly latestLineOnly?: boolean;
  /** @param showProgress shows one line */
  run(showProgress: (line: string) => void): Promise<TaskResult<T>>;
}

export interface TaskResult<T> {
  readonly value: T;
  readonly succeeded: boolean;
  /** The title of the task: one short line. */
  readonly summary: string;
}

export interface TaskListOptions {
  /** `terminal`: spinners, redrawn in place. `lines`: one line for each event. */
  readonly style: 'terminal' | 'lines' | 'silent';
  readonly stream: NodeJS.WriteStream;
  /** How many tasks run at a time. */
  readonly concurrency: number;
  /** Whether the caller prints the results as text on stdout afterwards. */
  readonly resultsFollow: boolean;
}

/** Without this, listr2 redraws only if stdout is a terminal. Progress goes to stderr. */
class TerminalRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

const RENDERERS = { terminal: TerminalRenderer, lines: 'simple', silent: 'silent' } as const;

/**
 * Runs the tasks and shows their progress.
 *
 * @returns the values, in the order of the tasks
 * @throws the first error of a task, after all tasks have ended
 */
export async function runTaskList<T>(tasks: readonly Task<T>[], options: TaskListOptions): Promise<T[]> {
  const { style, stream, concurrency, resultsFollow } = options;
  const values: T[] = [];
  const errors: unknown[] = [];
  const single = tasks.length === 1;
  const without: readonly string[] = [
    // The name of a secret alone says nothing, and each line of its task repeats the name.
    ...(tasks.some(({ latestLineOnly }) => latestLineOnly) ? [] : [ListrLogLevels.STARTED]),
    // The result of a single task follows on stdout.
    ...(single && resultsFollow ? [ListrLogLevels.COMPLETED, ListrLogLevels.FAILED] : []),
  ];
  const logger = new ListrLogger({ useIcons: true, processOutput: new ProcessOutput(stream, stream) });
  const log = logger.log.bind(logger);
  logger.log = (level, ...line) => {
    if (style !== 'lines' || !without.includes(level)) {
      log(level, ...line);
    }
  };
  const rows = tasks.map(({ title, run, latestLineOnly = !single }, index) => ({
    title: printable(title),
    task: async (_: unknown, row: { title: string; output: string }): Promise<void> => {
      const result = await run((line) => {
        row.output = printable(style === 'terminal' ? line : `${title}: ${line}`);
      }).catch((error: unknown) => {
        errors.push(error);
        return undefined;
      });
      if (result !== undefined) {
        values[index] = result.value;
      }
      if (!result?.succeeded) {
        throw new Error(result?.summary ?? 'failed');
      }
      row.title = printable(`${title}: ${result.summary}`);
    },
    // A single task keeps all its lines. Several tasks show only their latest line.
    rendererOptions: latestLineOnly
      ? { outputBar: 1 }
      : { outputBar: Number.POSITIVE_INFINITY, persistentOutput: true },
  }));
  await new Listr(rows, {
    concurrent: concurrency,
    exitOnError: false,
    // The command handles Ctrl-C. listr2 would exit with 127.
    registerSignalListeners: false,
    renderer: RENDERERS[style],
    rendererOptions: { logger },
  }).run();
  if (errors.length > 0) {
    throw errors[0];
  }
  return values;
}
