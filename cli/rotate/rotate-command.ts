import type { CommandPorts } from '../command-ports.ts';
import type { ExitCode } from '../outcome/exit-code.ts';
import { UsageError } from '../outcome/usage-error.ts';
import { hasCondition } from '../select/conditions.ts';
import type { ClusterOptions } from '../terminal/options.ts';
import { connectAwsFor } from '../terminal/read-options.ts';
import { runTask } from '../terminal/run-task.ts';
import { jsonText } from '../terminal/text.ts';
import { writeText } from '../terminal/write-text.ts';
import { rotateSelection } from './fleet/rotate-selection.ts';
import { reportJson, reportText, summaryLine } from './render.ts';
import { exitCodeOf } from './report.ts';
import { ROTATE_DEFAULTS, type RotateCommandOptions } from './rotate-definition.ts';
import { createRotatePorts } from './rotate-ports.ts';
import { rotateSecret } from './rotate-secret.ts';

/** Rotates one secret as `rotate SECRET` does without other options. */
export async function rotateNow(secretId: string, shared: ClusterOptions, ports: CommandPorts): Promise<ExitCode> {
  return await rotate([secretId], { ...ROTATE_DEFAULTS, ...shared, bothUsers: false, yes: false }, ports);
}

/**
 * Runs `rotate`. A person who names one secret alone sees each step. Otherwise, the command makes a
 * plan, and asks unless a person has given names alone.
 */
export async function rotate(
  given: readonly string[],
  options: RotateCommandOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  const [secretId = '', ...others] = new Set(given);
  if (options.users !== undefined && (secretId === '' || others.length > 0)) {
    throw new UsageError('--users names the users of one secret.', 'Name one secret.');
  }
  if (needsConsent(given, options)) {
    return await rotateSelection(given, options, ports);
  }
  if (options.yes) {
    throw new UsageError(
      '--yes is for --both-users, --revoke-previous and conditions. Named secrets rotate without a question.',
      'Leave out --yes.',
    );
  }
  return others.length > 0
    ? await rotateSelection(given, { ...options, yes: true }, ports)
    : await rotateOne(secretId, options, ports);
}

function needsConsent(given: readonly string[], options: RotateCommandOptions): boolean {
  const { file, regions, profiles, accounts, role, dryRun, bothUsers, revokePrevious } = options;
  const searches = [file, regions, profiles, accounts, role].some((option) => option !== undefined);
  const isNamed = given.length > 0 && !searches && !hasCondition(options, given);
  return !isNamed || bothUsers === true || revokePrevious === true || dryRun === true;
}

async function rotateOne(secretId: string, options: RotateCommandOptions, ports: CommandPorts): Promise<ExitCode> {
  const rotatePorts = createRotatePorts(options, ports)(connectAwsFor(secretId, options, ports));
  const report = await runTask(
    {
      title: secretId,
      run: async (showProgress) => await rotateSecret(secretId, options, rotatePorts, showProgress),
      succeeded: ({ outcome }) => outcome.kind === 'rotated',
      summarize: summaryLine,
    },
    options,
    ports,
  );
  const exitCode = exitCodeOf(report.outcome);
  if (options.json) {
    ports.out.write(jsonText({ command: 'rotate', exitCode, secrets: [reportJson(report)] }));
  } else {
    writeText(ports.out, reportText(report));
  }
  return exitCode;
}
