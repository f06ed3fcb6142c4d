import { DefaultRenderer, Listr, ListrLogger, ListrLogLevels, ProcessOutput } from 'listr2';
import type { WallClock } from '../clock.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { SharedOptions } from './options.ts';
import { printable } from './text.ts';

/** Work that the command shows while it runs. */
export interface Task<T> {
  /** What the work is about: the name of a secret. */
  readonly title: string;
  /** What the work does, as a phrase. The first line of its progress. */
  readonly doing?: string;
  /** Work on many secrets: a line that is shown at intervals instead of the lines of `run`. */
  readonly progress?: () => string;
  /** @param showProgress shows one line */
  run(showProgress: (line: string) => void): Promise<T>;
  succeeded(value: T): boolean;
  /** How the work ended, as one short line. */
  summarize(value: T): string;
}

/** Without this, listr2 redraws only if stdout is a terminal. Progress goes to stderr. */
class TerminalRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

/** `terminal`: spinners, redrawn in place. `lines`: one line for each event. */
const RENDERERS = { terminal: TerminalRenderer, lines: 'simple', silent: 'silent' } as const;

/** How often the progress of work on many secrets is shown. */
const INTERVAL_MS = { terminal: 250, lines: 5000, silent: 5000 } as const;

/** Runs one task and shows its progress. Rejects with the error of the task. */
export async function runTask<T>(task: Task<T>, options: SharedOptions, ports: CommandPorts): Promise<T> {
  const [value] = await runTasks([task], { ...options, concurrency: 1 }, ports);
  return value as T;
}

/**
 * Runs the tasks and shows their progress.
 *
 * @returns the values, in the order of the tasks
 * @throws the first error of a task, after all tasks have ended
 */
async function runTasks<T>(
  tasks: readonly Task<T>[],
  { quiet, json, concurrency }: SharedOptions & { readonly concurrency: number },
  { err, clock }: Pick<CommandPorts, 'err' | 'clock'>,
): Promise<T[]> {
  const style = quiet ? 'silent' : err.isTTY ? 'terminal' : 'lines';
  const values: T[] = [];
  const errors: unknown[] = [];
  const single = tasks.length === 1;
  const rows = tasks.map((task, index) => ({
    title: printable(task.title),
    task: async (_: unknown, row: { title: string; output: string }): Promise<void> => {
      const show = (line: string): void => {
        row.output = printable(style === 'terminal' ? line : `${task.title}: ${line}`);
      };
      const value = await runShown(task, show, INTERVAL_MS[style], clock).catch((error: unknown) => {
        errors.push(error);
        throw new Error('failed');
      });
      values[index] = value;
      if (!task.succeeded(value)) {
        throw new Error(task.summarize(value));
      }
      row.title = printable(`${task.title}: ${task.summarize(value)}`);
    },
    // A single task keeps all its lines. Other tasks show only their latest line.
    rendererOptions:
      single && task.progress === undefined
        ? { outputBar: Number.POSITIVE_INFINITY, persistentOutput: true }
        : { outputBar: 1 },
  }));
  const without = [
    // The name of a secret alone says nothing, and each line of its task repeats the name.
    ...(tasks.some(({ progress }) => progress) ? [] : [ListrLogLevels.STARTED]),
    // The result of a single task follows on stdout.
    ...(single && !json ? [ListrLogLevels.COMPLETED, ListrLogLevels.FAILED] : []),
  ];
  await new Listr(rows, {
    concurrent: concurrency,
    exitOnError: false,
    // The command handles Ctrl-C. listr2 would exit with 127.
    registerSignalListeners: false,
    renderer: RENDERERS[style],
    rendererOptions: { logger: createLogger(err, style === 'lines' ? without : []) },
  }).run();
  if (errors.length > 0) {
    throw errors[0];
  }
  return values;
}

function createLogger(stream: NodeJS.WriteStream, without: readonly string[]): ListrLogger {
  const logger = new ListrLogger({ useIcons: true, processOutput: new ProcessOutput(stream, stream) });
  const log = logger.log.bind(logger);
  logger.log = (level, ...line) => {
    if (!without.includes(level)) {
      log(level, ...line);
    }
  };
  return logger;
}

async function runShown<T>(
  { doing, progress, run }: Task<T>,
  show: (line: string) => void,
  intervalMs: number,
  clock: WallClock,
): Promise<T> {
  if (doing !== undefined) {
    show(doing);
  }
  const ended = new AbortController();
  const shown = progress && showUntil(ended.signal, () => show(progress()), intervalMs, clock);
  try {
    return await run(show);
  } finally {
    ended.abort();
    await shown;
  }
}

async function showUntil(ended: AbortSignal, show: () => void, intervalMs: number, clock: WallClock): Promise<void> {
  for (;;) {
    await clock.sleep(intervalMs, ended);
    if (ended.aborted) {
      return;
    }
    show();
  }
}
