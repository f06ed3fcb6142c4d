import type { CommandPorts } from '../command-ports.ts';
import type { ExitCode } from '../outcome/exit-code.ts';
import { hasCondition } from '../select/conditions.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { runTask } from '../terminal/run-task.ts';
import { writeResult } from '../terminal/write-result.ts';
import { rotateSelection } from './fleet/rotate-selection.ts';
import { reportText } from './report.ts';
import type { RotateCommandOptions } from './rotate-definition.ts';
import { createRotatePorts } from './rotate-ports.ts';
import { rotateSecret } from './rotate-secret.ts';

/**
 * Runs `rotate`. A person who names one secret alone sees each step. Otherwise, the command makes a
 * plan, and asks unless a person has given names alone.
 */
export async function rotate(
  given: readonly string[],
  options: RotateCommandOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  const { bothUsers = false, revokePrevious = false } = options;
  const [secretId = '', ...others] = new Set(given);
  if (given.length === 0 || hasCondition(options) || bothUsers || revokePrevious) {
    return await rotateSelection(given, options, ports);
  }
  return others.length > 0
    ? await rotateSelection(given, { ...options, yes: true }, ports)
    : await rotateOne(secretId, options, ports);
}

async function rotateOne(secretId: string, options: RotateCommandOptions, ports: CommandPorts): Promise<ExitCode> {
  const shared = { ...createRotatePorts(options, ports), aws: connectAwsFor(secretId, options, ports) };
  const run = async (showProgress: (line: string) => void) =>
    await rotateSecret(secretId, options, { ...shared, showProgress });
  const report = await runTask({ title: secretId, run }, options, ports);
  const { exitCode } = report;
  writeResult(options, ports, reportText(report), { command: 'rotate', exitCode, secrets: [report] });
  return exitCode;
}
