import type { FunctionLog } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import type { ProgressListener } from './report.ts';
import { type StepRun, toStepRuns } from './step-runs.ts';

/** Reads the step runs that the function has logged so far. */
export type StepRunReader = () => Promise<readonly StepRun[]>;

/** The clocks of this machine and of AWS may differ. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * Each read reports the new step runs. If the log cannot be read, the reader notes it once and
 * does not try again. The labels alone then show the progress of the rotation.
 */
export function createStepRunReader(
  { versionId, startedAt }: { versionId: string; startedAt: number },
  log: FunctionLog,
  onProgress: ProgressListener,
): StepRunReader {
  const reported = new Set<string>();
  let runs: readonly StepRun[] = [];
  let readable = true;
  return async () => {
    if (!readable) {
      return runs;
    }
    const lines = await catchKnown(log.readLines(versionId, startedAt - CLOCK_SKEW_MS), AwsError);
    if (lines instanceof AwsError) {
      // The log group does not exist before the function has logged its first line.
      if (!lines.retryable && lines.kind !== 'not-found') {
        readable = false;
        const text = `The function's log cannot be read. The command does not know the steps, and notices a failure only at the time limit. ${lines.message}`;
        onProgress({ kind: 'note', text });
      }
      return runs;
    }
    runs = toStepRuns(lines);
    for (const run of runs) {
      const key = `${run.attempt} ${run.step} ${run.outcome}`;
      if (!reported.has(key)) {
        reported.add(key);
        onProgress({ kind: 'step', run });
      }
    }
    return runs;
  };
}
