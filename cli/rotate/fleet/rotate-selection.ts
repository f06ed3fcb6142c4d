import type { CommandPorts } from '../../command-ports.ts';
import { ExitCode, mostSerious } from '../../outcome/exit-code.ts';
import { type Failure, interruptedBeforeChange, refused } from '../../outcome/failure.ts';
import { noSuchSecret, selectSecrets } from '../../select/select-secrets.ts';
import { askForPlan, showAndAsk } from '../../terminal/ask-for-plan.ts';
import { runTask } from '../../terminal/run-task.ts';
import { counted, jsonText, printable } from '../../terminal/text.ts';
import { iso } from '../../terminal/time.ts';
import { reportJson } from '../render.ts';
import { exitCodeOf, type RotateReport, reportOfNoRotation } from '../report.ts';
import type { RotateCommandOptions } from '../rotate-definition.ts';
import { createRotatePorts } from '../rotate-ports.ts';
import { FleetProgress } from './fleet-progress.ts';
import { planJson, planText, summaryText } from './fleet-text.ts';
import { type Plan, planRotations } from './plan.ts';
import { rotateFleet } from './rotate-fleet.ts';

/** Rotates secrets that conditions or a file select: shows the plan, asks, rotates. */
export async function rotateSelection(
  given: readonly string[],
  options: RotateCommandOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  const { out, clock, interrupted } = ports;
  const again = commandToContinue(options, ports);
  const plan = await makePlan(given, options, ports);
  const text = planText(plan, again, options);
  const leftOut = plan.leftOut.map(({ secretId, ...why }) => {
    return reportOfNoRotation(secretId, { kind: why.code === 'unexpected' ? why.code : 'refused', ...why });
  });
  const finish = (code: ExitCode, results: Record<string, unknown>): ExitCode => {
    if (options.json) {
      const document = { error: null, command: 'rotate', exitCode: code, plan: planJson(plan) };
      out.write(jsonText({ ...document, again: null, secrets: [], ...results }));
    }
    return code;
  };

  if (!interrupted.aborted && hasAllRotated(plan)) {
    writeResult(
      `${text}\nEvery selected secret has rotated since --older-than. Nothing was started.\n`,
      options,
      ports,
    );
    return finish(ExitCode.ok, {});
  }
  const refusal = interrupted.aborted ? interruptedBeforeChange() : await askForFleet(plan, text, options, ports);
  if (refusal !== undefined) {
    const { kind, ...error } = refusal;
    writeResult(`\n${error.message} ${error.advice}\n`, options, ports);
    return finish(kind === 'interrupted' ? ExitCode.interrupted : ExitCode.refused, { error });
  }
  if (options.json && !options.quiet) {
    // After a crash, nothing but the output so far says how to continue.
    ports.err.write(`After an interruption, continue with: ${again}\n`);
  }
  const began = clock.now();
  const reports = [...(await runFleet(plan, again, options, ports)), ...leftOut];
  writeResult(`\n${summaryText(reports, { durationMs: clock.now() - began, again })}`, options, ports);
  const code = mostSerious([
    ...reports.map(({ outcome }) => exitCodeOf(outcome)),
    plan.unsearched.length > 0 ? ExitCode.refused : ExitCode.ok,
  ]);
  return finish(code, { again, secrets: reports.map(reportJson) });
}

/**
 * The same command line. It leaves out what has rotated since now, because AWS knows what this run
 * has rotated.
 */
function commandToContinue({ olderThan }: RotateCommandOptions, { args, clock }: CommandPorts): string {
  const [subcommand = '', ...others] = args;
  const since = olderThan === undefined ? ['--older-than', iso(clock.now())] : [];
  const words = ['zilliz-rotation', subcommand, ...since, ...others];
  const quoted = words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`));
  return printable(quoted.join(' '));
}

async function makePlan(given: readonly string[], options: RotateCommandOptions, ports: CommandPorts): Promise<Plan> {
  return await runTask(
    {
      title: 'search',
      doing: 'finding the secrets, and checking whether each can rotate',
      run: async () =>
        await planRotations(await selectSecrets(given, options, ports), options, createRotatePorts(options, ports)),
    },
    options,
    ports,
  );
}

/** @throws UsageError if no secret meets the conditions */
function hasAllRotated({ secrets, leftOut, unsearched, rotatedSince }: Plan): boolean {
  if (secrets.length + leftOut.length + unsearched.length > 0) {
    return false;
  }
  if (rotatedSince === 0) {
    throw noSuchSecret();
  }
  return true;
}

async function askForFleet(
  plan: Plan,
  text: string,
  options: RotateCommandOptions,
  ports: CommandPorts,
): Promise<Failure | undefined> {
  if (plan.secrets.length === 0) {
    writeResult(text, options, ports);
    return refused(
      'nothing-to-rotate',
      'There is nothing to rotate. Nothing was changed.',
      plan.leftOut.length + plan.unsearched.length === 0
        ? 'Correct the selection.'
        : 'Do what the plan advises about what it leaves out. Then repeat the command.',
    );
  }
  const question = `Rotate ${counted(plan.secrets.length, 'secret')} now?`;
  const askForConsent = async () => await showAndAsk(text, question, options, ports);
  return await askForPlan([], { interrupted: ports.interrupted, askForConsent });
}

async function runFleet(
  plan: Plan,
  again: string,
  options: RotateCommandOptions,
  ports: CommandPorts,
): Promise<readonly RotateReport[]> {
  const count = plan.secrets.length;
  const progress = new FleetProgress(count, ports.clock);
  return await runTask(
    {
      title: `rotating ${counted(count, 'secret')}`,
      progress: () => progress.line,
      run: async () => await rotateFleet(plan, progress, again, options, ports),
    },
    options,
    ports,
  );
}

function writeResult(text: string, { json }: RotateCommandOptions, { out }: Pick<CommandPorts, 'out'>): void {
  if (!json) {
    out.write(text);
  }
}
