import { STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLog, FunctionLogLine } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { stepLine } from './render.ts';
import type { ShowProgress, StepRun } from './report.ts';

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

/** Reads the step runs that the function has logged. `undefined` if the log cannot be read. */
export type StepRunReader = () => Promise<readonly StepRun[] | undefined>;

/**
 * Each read reports the new step runs. If AWS refuses to show the log, the reader adds a note and
 * does not try again.
 *
 * @param since milliseconds since the epoch. Older lines are not read
 */
export function createStepRunReader(
  log: FunctionLog,
  { versionId, since }: { versionId: string; since: number },
  showProgress: ShowProgress,
  notes: string[],
): StepRunReader {
  const reported = new Set<string>();
  let readable = true;
  return async () => {
    const lines = readable ? await catchKnown(log.readLines(versionId, since), AwsError) : undefined;
    // The log group does not exist before the function has logged its first line.
    if (lines instanceof AwsError && lines.kind === 'not-found') {
      return [];
    }
    if (lines instanceof AwsError && !lines.retryable) {
      readable = false;
      const text = `The function's log cannot be read. The command does not know the steps, and notices a failure only at the time limit. ${lines.message}`;
      notes.push(text);
      showProgress(`note: ${text}`);
    }
    if (lines === undefined || lines instanceof AwsError) {
      return undefined;
    }
    const runs = toStepRuns(lines);
    for (const run of runs) {
      const key = `${run.attempt} ${run.step} ${run.outcome}`;
      if (!reported.has(key)) {
        reported.add(key);
        showProgress(stepLine(run));
      }
    }
    return runs;
  };
}
