import type { CommandPorts } from '../../command-ports.ts';
import { ExitCode, mostSerious } from '../../outcome/exit-code.ts';
import { type Failure, refused } from '../../outcome/failure.ts';
import { UsageError } from '../../outcome/usage-error.ts';
import { selectSecrets } from '../../select/select-secrets.ts';
import { askForPlan } from '../../terminal/ask-for-plan.ts';
import { runTask } from '../../terminal/run-task.ts';
import type { Task } from '../../terminal/task-list.ts';
import { counted, jsonText } from '../../terminal/text.ts';
import { writeText } from '../../terminal/write-text.ts';
import { reportJson } from '../render.ts';
import { exitCodeOf, type RotateReport, reportOfNoRotation } from '../report.ts';
import type { RotateCommandOptions } from '../rotate-definition.ts';
import { isComplete, reportComplete } from './complete-journal.ts';
import type { JournalState } from './journal.ts';
import { defaultJournalPath, openJournal, readJournal, unfinished } from './open-journal.ts';
import { type Candidate, type Plan, planRotations } from './plan.ts';
import { countOf, planJson, planText } from './render-plan.ts';
import { summaryText } from './render-summary.ts';
import { rotateFleet } from './rotate-fleet.ts';

/** Rotates secrets that conditions, a file or a journal select: shows the plan, asks, rotates. */
export async function rotateMany(
  given: readonly string[],
  options: RotateCommandOptions,
  ports: CommandPorts,
): Promise<ExitCode> {
  const { out, clock } = ports;
  const journal = options.resume === undefined ? undefined : readJournal(options.resume, ports);
  if (journal !== undefined) {
    requireNoSelection(given, options);
    if (isComplete(journal)) {
      return reportComplete(journal, options.resume ?? '', options, ports);
    }
  }
  const journalPath = options.resume ?? options.journal ?? defaultJournalPath(clock.now());
  const plan = await makePlan(given, journal, options, ports);
  const text = planText(plan, journalPath, journal?.openRun);
  const leftOut = plan.leftOut.map(({ secretId, ...why }) => reportOfNoRotation(secretId, { kind: 'refused', ...why }));
  const finish = (code: ExitCode, results: Record<string, unknown>): ExitCode => {
    if (options.json) {
      const document = { error: null, command: 'rotate', exitCode: code, plan: planJson(plan) };
      out.write(jsonText({ ...document, journal: null, secrets: [], ...results }));
    }
    return code;
  };

  if (options.dryRun) {
    writeResult(text, options, ports);
    return finish(ExitCode.ok, {});
  }
  const refusal = await askForFleet(plan, text, options, ports);
  if (refusal !== undefined) {
    const { kind, ...error } = refusal;
    writeResult(`\n${error.message} ${error.advice}\n`, options, ports);
    return finish(kind === 'interrupted' ? ExitCode.interrupted : ExitCode.refused, { error });
  }
  const began = clock.now();
  const reports = [...(await runFleet(plan, journal, journalPath, options, ports)), ...leftOut];
  writeResult(`\n${summaryText(reports, { durationMs: clock.now() - began, journalPath })}`, options, ports);
  const code = mostSerious(reports.map(({ outcome }) => exitCodeOf(outcome)));
  return finish(code, { journal: journalPath, secrets: reports.map(reportJson) });
}

async function makePlan(
  given: readonly string[],
  journal: JournalState | undefined,
  options: RotateCommandOptions,
  ports: CommandPorts,
): Promise<Plan> {
  const pace = { rate: options.rate, now: ports.clock.now() };
  const find = async (): Promise<Plan> => {
    if (journal !== undefined) {
      const nothing = { skipped: [], ofOtherProducts: 0 };
      return await planRotations(unfinished(journal, ports), nothing, pace);
    }
    const { selected, ...rest } = await selectSecrets(given, options, ports);
    return await planRotations(
      selected.map((secret): Candidate => ({ ...secret, recorded: undefined })),
      rest,
      pace,
    );
  };
  const run = async () => {
    const value = await find();
    return { value, succeeded: true, summary: counted(countOf(value), 'secret') };
  };
  return await runTask({ title: 'finding secrets', latestLineOnly: true, run }, options, ports);
}

async function askForFleet(
  plan: Plan,
  text: string,
  options: RotateCommandOptions,
  { ask, interrupted, ...ports }: CommandPorts,
): Promise<Failure | undefined> {
  if (countOf(plan) === 0) {
    writeResult(text, options, ports);
    return refused(
      'nothing-to-rotate',
      'There is nothing to rotate. Nothing was changed.',
      plan.leftOut.length === 0
        ? 'Correct the selection.'
        : 'Do what the plan advises about the secrets that it leaves out. Then repeat the command.',
    );
  }
  return await askForPlan([], {
    interrupted,
    askForConsent: async () => {
      writeResult(text, options, ports);
      if (options.yes) {
        return 'yes';
      }
      return ask === undefined || options.json
        ? 'unasked'
        : await ask(`Rotate ${counted(countOf(plan), 'secret')} now?`);
    },
  });
}

async function runFleet(
  plan: Plan,
  state: JournalState | undefined,
  journalPath: string,
  options: RotateCommandOptions,
  ports: CommandPorts,
): Promise<readonly RotateReport[]> {
  const journal = await openJournal(journalPath, plan, state, ports);
  try {
    const run: Task<readonly RotateReport[]>['run'] = async (showProgress) => {
      const value = await rotateFleet(plan, options, { ...ports, journal, showProgress });
      const rotated = value.filter(({ outcome }) => outcome.kind === 'rotated').length;
      return { value, succeeded: rotated === value.length, summary: `${rotated} of ${value.length} rotated` };
    };
    return await runTask(
      { title: `rotating ${counted(countOf(plan), 'secret')}`, latestLineOnly: true, run },
      options,
      ports,
    );
  } finally {
    await journal.close();
  }
}

function writeResult(text: string, { json }: RotateCommandOptions, { out }: Pick<CommandPorts, 'out'>): void {
  if (!json) {
    writeText(out, text);
  }
}

const SELECTION: readonly (keyof RotateCommandOptions)[] = [
  'all',
  'rotatedBy',
  'tag',
  'prefix',
  'olderThan',
  'file',
  'regions',
  'profiles',
  'ofEndpoint',
  'journal',
];

function requireNoSelection(given: readonly string[], options: RotateCommandOptions): void {
  if (given.length > 0 || SELECTION.some((name) => options[name] !== undefined)) {
    throw new UsageError('--resume takes the secrets from its journal.', 'Leave out names, conditions and --journal.');
  }
}
