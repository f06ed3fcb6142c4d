import type { Period, RotatingSecret } from '../aws/aws.ts';
import type { CommandPorts } from '../command-ports.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { periodOf } from '../terminal/period-options.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { runTask, type Task } from '../terminal/run-task.ts';
import { jsonText } from '../terminal/text.ts';
import { iso } from '../terminal/time.ts';
import { writeText } from '../terminal/write-text.ts';
import type { HistoryOptions } from './history-definition.ts';
import { historyText } from './history-text.ts';
import { rotationJson } from './past-rotation.ts';
import { type History, readHistory } from './read-history.ts';

interface SecretHistory {
  readonly secret: RotatingSecret;
  readonly history: History;
}

/** Runs `history SECRET`. */
export async function history(
  [secretId = '']: readonly string[],
  options: HistoryOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  const period = periodOf(options, ports.clock.now());
  const aws = connectAwsFor(secretId, options, ports);
  const task: Task<SecretHistory> = {
    title: secretId,
    run: async (showProgress) => {
      const secret = await aws.rotation.describeSecret(secretId);
      return { secret, history: await readHistory([{ secret, aws }], period, ports, showProgress) };
    },
    succeeded: () => true,
    summarize: () => 'read',
  };
  const found = await runTask(task, options, ports);
  if (ports.interrupted.aborted) {
    return ExitCode.interrupted;
  }
  // Otherwise an empty list would read as "no rotations".
  const code = found.history.read.size === 0 ? ExitCode.refused : ExitCode.ok;
  if (options.json) {
    ports.out.write(jsonText({ command: 'history', exitCode: code, ...historyJson(found, period) }));
  } else {
    writeText(ports.out, historyText(found.secret, found.history, period));
  }
  return code;
}

function historyJson({ secret: { arn, name }, history: found }: SecretHistory, { since, until }: Period) {
  const rotations = (found.rotations.get(arn) ?? []).map(rotationJson);
  const { read, notes } = found;
  return { secret: name, arn, since: iso(since), until: iso(until), rotations, sourcesRead: [...read], notes };
}
