import { type LoggedFailure, STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine } from '../aws/function-log.ts';

/** One run of one step, as the function's log tells it. */
export interface StepRun {
  readonly step: string;
  /** 1 for the first attempt; Secrets Manager begins every further one with createSecret again. */
  readonly attempt: number;
  readonly outcome: 'running' | 'finished' | 'failed';
  readonly durationMs: number | undefined;
  readonly failure: LoggedFailure | undefined;
}

/** What the log lines of one version tell, oldest first. */
export interface Story {
  readonly steps: readonly StepRun[];
  /** The failure that ended the latest attempt; `undefined` while an attempt runs. */
  readonly failed: StepRun | undefined;
}

/** Pure: lines → steps. A line that arrives late, or never, costs that line and no more. */
export function tellStory(lines: readonly FunctionLogLine[]): Story {
  const steps: StepRun[] = [];
  let attempt = 1;
  for (const line of lines) {
    const outcome = OUTCOMES[line.event];
    if (outcome === undefined || line.step === undefined) {
      continue;
    }
    // An attempt may end without a word, when the function is stopped from outside.
    if (outcome === 'running' && line.step === 'createSecret' && steps.length > 0) {
      attempt += 1;
    }
    const run: StepRun = {
      step: line.step,
      attempt,
      outcome,
      durationMs: line.durationMs,
      failure: line.failure,
    };
    const open = steps.findLastIndex(
      (earlier) => earlier.step === run.step && earlier.attempt === attempt && earlier.outcome === 'running',
    );
    if (outcome !== 'running' && open !== -1) {
      steps[open] = run;
    } else {
      steps.push(run);
    }
  }
  const last = steps.at(-1);
  return { steps, failed: last?.outcome === 'failed' ? last : undefined };
}

const OUTCOMES: Readonly<Record<string, StepRun['outcome']>> = {
  [STEP_EVENT.started]: 'running',
  [STEP_EVENT.finished]: 'finished',
  [STEP_EVENT.failed]: 'failed',
};
