import type { RotatingSecret } from '../aws/aws.ts';
import type { CommandPorts } from '../command-ports.ts';
import { ExitCode } from '../exit-code.ts';
import { type Past, readPast } from '../past/read-past.ts';
import { periodOf } from '../terminal/period-options.ts';
import { connectAwsFor, taskListOptions } from '../terminal/read-options.ts';
import { runTaskList } from '../terminal/task-list.ts';
import { jsonText } from '../terminal/text.ts';
import { writeText } from '../terminal/write-text.ts';
import type { HistoryOptions } from './history-definition.ts';
import { historyJson, historyText } from './render.ts';

interface SecretPast {
  readonly secret: RotatingSecret;
  readonly past: Past;
}

/** Runs `history SECRET`. */
export async function history(
  [secretId = '']: readonly string[],
  options: HistoryOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  const period = periodOf(options, ports.clock.now());
  const aws = connectAwsFor(secretId, options, ports);
  const [read] = await runTaskList<SecretPast>(
    [
      {
        title: secretId,
        run: async (showProgress) => {
          const secret = await aws.rotation.describeSecret(secretId);
          const past = await readPast([{ secret, aws }], period, ports, showProgress);
          return { value: { secret, past }, succeeded: true, summary: 'read' };
        },
      },
    ],
    taskListOptions({ ...options, concurrency: 1 }, ports),
  );
  if (read === undefined || ports.interrupted.aborted) {
    return ExitCode.interrupted;
  }
  // Otherwise an empty list would read as "no rotations".
  const code = read.past.read.size === 0 ? ExitCode.refused : ExitCode.ok;
  if (options.json) {
    const document = { command: 'history', exitCode: code, ...historyJson(read.secret, read.past, period) };
    ports.out.write(jsonText(document));
  } else {
    writeText(ports.out, historyText(read.secret, read.past, period));
  }
  return code;
}
