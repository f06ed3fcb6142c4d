import type { CommandPorts, CommandResult } from '../command-ports.ts';
import { hasCondition } from '../select/conditions.ts';
import { createProgressWriter } from '../terminal/progress.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { rotateSelection } from './fleet/rotate-selection.ts';
import type { RotateDocument } from './json-schema.ts';
import { reportText } from './report.ts';
import type { RotateOptions } from './rotate-definition.ts';
import { createRotatePorts } from './rotate-ports.ts';
import { rotateSecret } from './rotate-secret.ts';

/**
 * Runs `rotate`. A person who names one secret alone sees each step. Otherwise, the command makes a
 * plan, and asks unless a person has given names alone.
 */
export async function rotate(
  given: readonly string[],
  options: RotateOptions,
  ports: CommandPorts,
): Promise<CommandResult> {
  const { bothUsers = false, revokePrevious = false } = options;
  const [secretId = '', ...others] = new Set(given);
  if (given.length === 0 || hasCondition(options) || bothUsers || revokePrevious) {
    return await rotateSelection(given, options, ports);
  }
  return others.length > 0
    ? await rotateSelection(given, { ...options, yes: true }, ports)
    : await rotateOne(secretId, options, ports);
}

async function rotateOne(secretId: string, options: RotateOptions, ports: CommandPorts): Promise<CommandResult> {
  const report = await rotateSecret(secretId, options, {
    ...createRotatePorts(options, ports),
    aws: connectAwsFor(secretId, options, ports),
    showProgress: createProgressWriter(secretId, options, ports),
  });
  const document: RotateDocument = { command: 'rotate', exitCode: report.exitCode, secrets: [report] };
  return { text: reportText(report), document };
}
