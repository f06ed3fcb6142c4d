import { DefaultRenderer, Listr, ListrLogger, ListrLogLevels, ProcessOutput } from 'listr2';

/** `terminal`: spinners, redrawn in place. `lines`: one line an event, for pipes and logs. */
export type TaskListStyle = 'terminal' | 'lines' | 'silent';

/** How a task ended, in one short line. */
export interface TaskEnd {
  readonly good: boolean;
  readonly line: string;
}

/** Chosen here and not by listr2, which looks at stdout: progress goes to stderr, whatever stdout is. */
class TerminalRenderer extends DefaultRenderer {
  static override nonTTY = true;
}

/** For a pipe, where the result of a lone task follows at once on stdout: its end is not told here as well. */
class LoggerWithoutEnds extends ListrLogger {
  override log(...line: Parameters<ListrLogger['log']>): void {
    if (line[0] !== ListrLogLevels.COMPLETED && line[0] !== ListrLogLevels.FAILED) {
      super.log(...line);
    }
  }
}

/**
 * Runs one task an item, some at a time, and shows them while they run.
 *
 * @param show `resultFollows`: what came of the items is told in words afterwards, on stdout.
 * @throws what a task threw, after all have ended
 */
export async function runTaskList(
  items: readonly string[],
  show: { style: TaskListStyle; stream: NodeJS.WriteStream; concurrency: number; resultFollows: boolean },
  task: (item: string, say: (line: string) => void) => Promise<TaskEnd>,
): Promise<void> {
  const faults: unknown[] = [];
  const alone = items.length === 1;
  const Logger = alone && show.style === 'lines' && show.resultFollows ? LoggerWithoutEnds : ListrLogger;
  const logger = new Logger({ useIcons: true, processOutput: new ProcessOutput(show.stream, show.stream) });
  const tasks = items.map((item) => ({
    title: item,
    task: async (_: unknown, self: { title: string; output: string }): Promise<void> => {
      const end = await task(item, (line) => {
        self.output = show.style === 'terminal' ? line : `${item}: ${line}`;
      }).catch((fault: unknown): TaskEnd => {
        faults.push(fault);
        return { good: false, line: 'unexpected error' };
      });
      if (!end.good) {
        throw new Error(end.line);
      }
      self.title = `${item}: ${end.line}`;
    },
    // One secret shows its whole story; of many, each shows where it stands.
    rendererOptions: alone ? { outputBar: Number.POSITIVE_INFINITY, persistentOutput: true } : { outputBar: 1 },
  }));
  await new Listr(tasks, {
    concurrent: show.concurrency,
    exitOnError: false,
    // Ctrl-C is the command's own affair; listr2 would exit with 127.
    registerSignalListeners: false,
    renderer: RENDERERS[show.style],
    rendererOptions: { logger },
  }).run();
  if (faults.length > 0) {
    throw faults[0];
  }
}

const RENDERERS = { terminal: TerminalRenderer, lines: 'simple', silent: 'silent' } as const;
