import { type Advice, advise } from '../../advice.ts';
import type { CommandPorts } from '../../command-ports.ts';
import { ExitCode, mostSerious } from '../../exit-code.ts';
import { shortNames } from '../../terminal/short-names.ts';
import { jsonText, paragraph } from '../../terminal/text.ts';
import { writeText } from '../../terminal/write-text.ts';
import { HEADLINES } from '../render.ts';
import type { RotateCommandOptions } from '../rotate-definition.ts';
import type { FinalOutcome, JournalState, RecordOf } from './journal.ts';
import { namesText, planJson, secretsText } from './render-plan.ts';

/** Whether every rotation of the journal has ended. */
export function isComplete({ secrets, outcomes }: JournalState): boolean {
  return secrets.every(({ arn }) => outcomes.has(arn));
}

/**
 * Reports the outcomes of a complete journal. Starts nothing.
 *
 * @returns the exit code of the run that the journal records
 */
export function reportComplete(
  state: JournalState,
  path: string,
  { json }: RotateCommandOptions,
  { out }: Pick<CommandPorts, 'out'>,
): ExitCode {
  const outcomes = [...state.outcomes.values()];
  const exitCode = mostSerious(outcomes.map(({ outcome }) => exitCodeOf(outcome)));
  if (json) {
    const plan = planJson({ places: [], leftOut: [], unselected: [], ofOtherProducts: 0 });
    const secrets = outcomes.map((recorded) => outcomeJson(recorded, state));
    out.write(jsonText({ command: 'rotate', exitCode, error: null, plan, journal: path, secrets }));
  } else {
    writeText(out, completeText(outcomes, path));
  }
  return exitCode;
}

function exitCodeOf(outcome: FinalOutcome): ExitCode {
  return outcome === 'rotated' ? ExitCode.ok : ExitCode[outcome];
}

function completeText(outcomes: readonly RecordOf<'outcome'>[], path: string): string {
  const groups = Map.groupBy(outcomes, ({ outcome, code }) =>
    code === null ? HEADLINES[outcome] : `${HEADLINES[outcome]} (${code})`,
  );
  const nameOf = shortNames(outcomes.map(({ arn }) => arn));
  const others = outcomes.filter(({ outcome }) => outcome !== 'rotated').map(({ arn }) => arn);
  return paragraph(`${path} is complete: every rotation has ended. Nothing was started.`, [
    ...[...groups].map(([headline, group]) => {
      const names = namesText(group.map(({ arn }) => nameOf(arn)));
      return ['', `${headline}: ${secretsText(group.length)}: ${names}`] as const;
    }),
    ...(others.length === 0 ? [] : [['advice', adviceOn(others)] as const]),
  ]);
}

function outcomeJson({ arn, outcome, code, at }: RecordOf<'outcome'>, { starts }: JournalState) {
  const start = starts.get(arn);
  return {
    secret: arn,
    arn,
    outcome,
    exitCode: exitCodeOf(outcome),
    versionId: start?.token ?? null,
    previousVersionId: start?.previousVersionId ?? null,
    durationMs: start === undefined ? 0 : at - start.at,
    login: null,
    error:
      outcome === 'rotated'
        ? null
        : {
            code: code ?? 'UNKNOWN',
            message: `An earlier run of this command recorded the outcome "${outcome}".`,
            advice: adviceOn([arn]),
            step: null,
            retryable: null,
            inForce: null,
          },
    steps: [],
    notes: [],
  };
}

function adviceOn(arns: readonly string[]): Advice {
  return advise`See the state with \`zilliz-rotation status ${arns.join(' ')}\`, and do what it advises. Then rotate by name.`;
}
