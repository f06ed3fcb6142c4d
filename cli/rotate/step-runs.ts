import { type LoggedFailure, STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine } from '../aws/aws.ts';

/** One run of one step, as the function logged it. */
export interface StepRun {
  readonly step: string;
  /** 1 for the first attempt. Secrets Manager starts each further attempt with createSecret. */
  readonly attempt: number;
  readonly outcome: 'running' | 'finished' | 'failed';
  readonly durationMs: number | undefined;
  readonly failure: LoggedFailure | undefined;
}

const OUTCOMES: Readonly<Record<string, StepRun['outcome']>> = {
  [STEP_EVENT.started]: 'running',
  [STEP_EVENT.finished]: 'finished',
  [STEP_EVENT.failed]: 'failed',
};

/**
 * Converts log lines of one version to step runs. A missing line loses only what this line says.
 *
 * @param lines oldest first
 */
export function toStepRuns(lines: readonly FunctionLogLine[]): readonly StepRun[] {
  const runs: StepRun[] = [];
  let attempt = 1;
  for (const { event, step, durationMs, failure } of lines) {
    const outcome = OUTCOMES[event];
    if (outcome === undefined || step === undefined) {
      continue;
    }
    // An attempt can end without a log line, if Lambda stops the function.
    if (outcome === 'running' && step === 'createSecret' && runs.length > 0) {
      attempt += 1;
    }
    const run: StepRun = { step, attempt, outcome, durationMs, failure };
    const started = runs.findLastIndex(
      (earlier) => earlier.step === step && earlier.attempt === attempt && earlier.outcome === 'running',
    );
    if (outcome !== 'running' && started !== -1) {
      runs[started] = run;
    } else {
      runs.push(run);
    }
  }
  return runs;
}

/** The failure that ended the latest attempt. `undefined` while an attempt runs. */
export function failedRun(runs: readonly StepRun[]): StepRun | undefined {
  const last = runs.at(-1);
  return last?.outcome === 'failed' ? last : undefined;
}
