import type { CommandPorts } from '../../command-ports.ts';
import { ExitCode, mostSerious } from '../../outcome/exit-code.ts';
import { endIfInterrupted, type Failure, refused } from '../../outcome/failure.ts';
import { selectSecrets } from '../../select/select-secrets.ts';
import { showAndAsk } from '../../terminal/ask-for-plan.ts';
import { createProgressWriter } from '../../terminal/progress.ts';
import { counted, printable, shellWord } from '../../terminal/text.ts';
import { iso } from '../../terminal/time.ts';
import type { RotateDocument } from '../json-schema.ts';
import { reportOf } from '../report.ts';
import type { RotateOptions } from '../rotate-definition.ts';
import { planText, summaryText } from './fleet-text.ts';
import { type FleetPlan, planRotations } from './plan.ts';
import { rotateFleet } from './rotate-fleet.ts';

/** Rotates secrets that conditions or names select: shows the plan, asks, rotates. */
export async function rotateSelection(
  given: readonly string[],
  options: RotateOptions,
  ports: CommandPorts,
): Promise<{ readonly text: string; readonly document: RotateDocument }> {
  const { clock } = ports;
  const again = commandToContinue(options, ports);
  createProgressWriter('search', options, ports)('finding the secrets, and checking whether each can rotate');
  const plan = await planRotations(await selectSecrets(given, options, ports), options, ports);
  const text = planText(plan, again, options);
  const planned = plan.secrets.map(({ secret: { arn }, users = [] }) => ({ arn, users: [...users] }));
  const document: RotateDocument = {
    ...{ error: null, command: 'rotate', exitCode: ExitCode.ok },
    ...{ plan: { ...plan, secrets: planned }, again: null, secrets: [] },
  };
  endIfInterrupted(ports);
  if (plan.secrets.length + plan.leftOut.length + plan.unsearched.length === 0) {
    return { text: `${text}\nEvery selected secret has rotated since --older-than. Nothing was started.\n`, document };
  }
  const refusal = await askForFleet(plan, text, options, ports);
  if (refusal !== undefined) {
    const { kind, ...error } = refusal;
    return { text: `\n${error.message} ${error.advice}\n`, document: { ...document, exitCode: ExitCode[kind], error } };
  }
  if (options.json && !options.quiet) {
    // After a crash, nothing but the output so far says how to continue.
    ports.err.write(`After an interruption, continue with: ${again}\n`);
  }
  const began = clock.now();
  const rotated = await rotateFleet(plan, again, options, ports);
  const leftOut = plan.leftOut.map(({ secretId, ...why }) =>
    reportOf(secretId, { kind: why.code === 'unexpected' ? why.code : 'refused', ...why }),
  );
  const secrets = [...rotated, ...leftOut];
  const unsearched = plan.unsearched.map(() => ExitCode.refused);
  const exitCode = mostSerious([...secrets.map((report) => report.exitCode), ...unsearched]);
  const result = summaryText(secrets, clock.now() - began, again);
  return { text: `\n${result}`, document: { ...document, exitCode, again, secrets } };
}

/**
 * The same command line. It leaves out what has rotated since now, because AWS knows what this run
 * has rotated.
 */
function commandToContinue({ olderThan }: RotateOptions, { args, clock }: CommandPorts): string {
  const [subcommand = '', ...others] = args;
  const since = olderThan === undefined ? ['--older-than', iso(clock.now())] : [];
  return printable(['zilliz-rotation', subcommand, ...since, ...others].map(shellWord).join(' '));
}

async function askForFleet(
  plan: FleetPlan,
  text: string,
  options: RotateOptions,
  ports: CommandPorts,
): Promise<Failure | undefined> {
  if (plan.secrets.length === 0) {
    if (!options.json) {
      ports.out.write(text);
    }
    return refused(
      'nothing-to-rotate',
      'There is nothing to rotate. Nothing was changed.',
      plan.leftOut.length + plan.unsearched.length === 0
        ? 'Correct the selection.'
        : 'Do what the plan advises about what it leaves out. Then repeat the command.',
    );
  }
  const question = `Rotate ${counted(plan.secrets.length, 'secret')} now?`;
  return await showAndAsk(text, question, options, ports);
}
