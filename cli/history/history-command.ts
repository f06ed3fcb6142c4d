import type { RotatingSecret } from '../aws/aws.ts';
import type { CommandPorts } from '../command-ports.ts';
import { ExitCode } from '../outcome/exit-code.ts';
import { type Past, readPast } from '../past/read-past.ts';
import { periodOf } from '../terminal/period-options.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { runTask } from '../terminal/run-task.ts';
import type { Task } from '../terminal/task-list.ts';
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
  const read: Task<SecretPast>['run'] = async (showProgress) => {
    const secret = await aws.rotation.describeSecret(secretId);
    const past = await readPast([{ secret, aws }], period, ports, showProgress);
    return { value: { secret, past }, succeeded: true, summary: 'read' };
  };
  const { secret, past } = await runTask({ title: secretId, run: read }, options, ports);
  if (ports.interrupted.aborted) {
    return ExitCode.interrupted;
  }
  // Otherwise an empty list would read as "no rotations".
  const code = past.read.size === 0 ? ExitCode.refused : ExitCode.ok;
  if (options.json) {
    ports.out.write(jsonText({ command: 'history', exitCode: code, ...historyJson(secret, past, period) }));
  } else {
    writeText(ports.out, historyText(secret, past, period));
  }
  return code;
}
