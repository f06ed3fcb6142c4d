import type { CommandPorts } from '../../command-ports.ts';
import { type ExitCode, mostSerious } from '../../outcome/exit-code.ts';
import { counted, jsonText, paragraph, shortNames } from '../../terminal/text.ts';
import { writeText } from '../../terminal/write-text.ts';
import { headlineOf, reportJson } from '../render.ts';
import { exitCodeOf, type RotateReport } from '../report.ts';
import type { RotateCommandOptions } from '../rotate-definition.ts';
import type { JournalState, RecordOf } from './journal.ts';
import { namesText, planJson } from './render-plan.ts';

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
  const reports = [...state.outcomes.values()].map((recorded) => reportOf(recorded, state));
  const exitCode = mostSerious(reports.map(({ outcome }) => exitCodeOf(outcome)));
  if (json) {
    const plan = planJson({ places: [], leftOut: [], unselected: [], ofOtherProducts: 0 });
    const secrets = reports.map(reportJson);
    out.write(jsonText({ command: 'rotate', exitCode, error: null, plan, journal: path, secrets }));
  } else {
    writeText(out, completeText(reports, path));
  }
  return exitCode;
}

function reportOf({ arn, outcome, code, at }: RecordOf<'outcome'>, { starts }: JournalState): RotateReport {
  const start = starts.get(arn);
  const message = `An earlier run of this command recorded the outcome "${outcome}".`;
  return {
    secretId: arn,
    arn,
    versionId: start?.token,
    previousVersionId: start?.previousVersionId,
    durationMs: start === undefined ? 0 : at - start.at,
    steps: [],
    notes: [],
    outcome:
      outcome === 'rotated'
        ? { kind: outcome }
        : { kind: outcome, code: code ?? 'UNKNOWN', message, advice: adviceOn([arn]) },
  };
}

function completeText(reports: readonly RotateReport[], path: string): string {
  const groups = Map.groupBy(reports, ({ outcome }) => headlineOf(outcome));
  const nameOf = shortNames(reports.map(({ secretId }) => secretId));
  const others = reports.filter(({ outcome }) => outcome.kind !== 'rotated').map(({ secretId }) => secretId);
  return paragraph(`${path} is complete: every rotation has ended. Nothing was started.`, [
    ...[...groups].map(([headline, group]) => {
      const names = namesText(group.map(({ secretId }) => nameOf(secretId)));
      return ['', `${headline}: ${counted(group.length, 'secret')}: ${names}`] as const;
    }),
    others.length === 0 ? undefined : ['advice', adviceOn(others)],
  ]);
}

function adviceOn(arns: readonly string[]): string {
  return `See the state with \`zilliz-rotation status ${arns.join(' ')}\`, and do what it advises. Then rotate by name.`;
}
