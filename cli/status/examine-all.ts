import type { Aws } from '../aws/aws.ts';
import { createPace, type Pace, VERSION_LISTS_PER_SECOND } from '../aws/pace.ts';
import type { CommandPorts } from '../command-ports.ts';
import { type ExaminationResult, type ExaminePorts, examineSecret } from '../examine/examine-secret.ts';
import type { SelectedSecret } from '../select/selection.ts';
import { taskListOptions } from '../terminal/read-options.ts';
import { runTask, showWhile } from '../terminal/run-task.ts';
import { runTaskList, type Task } from '../terminal/task-list.ts';
import type { StatusOptions } from './status-definition.ts';

/** For more secrets, one line with the count replaces a line for each secret. */
const EACH_SHOWN_AT_MOST = 20;

type Examine = (secret: SelectedSecret) => Promise<ExaminationResult>;

/** Examines the secrets, in each account and region below AWS's quotas, and shows the progress. */
export async function examineAll(
  selected: readonly SelectedSecret[],
  shared: Omit<ExaminePorts, 'aws'>,
  options: StatusOptions,
  ports: CommandPorts,
): Promise<readonly ExaminationResult[]> {
  const paces = new Map<Aws, Pace>();
  const examine: Examine = async ({ secretId, aws }) => {
    const pace = paces.get(aws) ?? createPace(ports.clock, VERSION_LISTS_PER_SECOND, ports.interrupted);
    paces.set(aws, pace);
    return await examineSecret(secretId, { ...shared, aws, waitToList: async () => await pace.turn() });
  };
  if (selected.length > EACH_SHOWN_AT_MOST) {
    return await runTask(examineMany(selected, examine, options, ports), options, ports);
  }
  const tasks = selected.map((secret): Task<ExaminationResult> => {
    return {
      title: secret.secretId,
      run: async (showProgress) => {
        showProgress('reading the secret, and logging in with its stored passwords');
        const value = await examine(secret);
        const succeeded = value.kind === 'examined';
        return { value, succeeded, summary: succeeded ? 'examined' : value.code };
      },
    };
  });
  return await runTaskList(tasks, taskListOptions(options, ports));
}

function examineMany(
  selected: readonly SelectedSecret[],
  examine: Examine,
  options: StatusOptions,
  ports: CommandPorts,
): Task<readonly ExaminationResult[]> {
  return {
    title: 'status',
    latestLineOnly: true,
    run: async (showProgress) => {
      const results: ExaminationResult[] = [];
      let ended = 0;
      const line = (): string => `${ended} of ${selected.length} secrets examined`;
      const queue = selected.entries();
      const work = async (): Promise<void> => {
        for (const [index, secret] of queue) {
          results[index] = await examine(secret);
          ended += 1;
        }
      };
      const workers = async () => await Promise.all(Array.from({ length: options.concurrency }, work));
      await showWhile(workers, () => showProgress(line()), options, ports);
      return { value: results, succeeded: true, summary: line() };
    },
  };
}
