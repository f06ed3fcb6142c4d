import { STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { catchKnown } from '../outcome/failure.ts';
import { formatDuration } from '../terminal/time.ts';
import type { ReportedStep } from './outcome.ts';
import type { RotatePorts } from './rotate-ports.ts';
import type { Started } from './start-rotation.ts';

/**
 * An attempt that runs has logged its start since: Lambda ends a function after 15 minutes, and the
 * clocks of this machine and of AWS may differ.
 */
const LONGEST_ATTEMPT_MS = 20 * 60_000;

/**
 * Reads the log about one version. `undefined`: the log cannot be read. `none`: the function has
 * logged no step, or its last attempt failed before the command.
 */
type StepReader = () => Promise<ReportedStep | 'none' | undefined>;

/**
 * Each read shows the new lines. If AWS refuses to show the log, the reader adds a note and does
 * not try again.
 *
 * @param notes gets what the operator should know
 */
export function createStepReader(
  { secret, versionId, isOwn, aws }: Started,
  { clock, logReads, showProgress }: RotatePorts,
  notes: string[],
): StepReader {
  const functionArn = secret.rotationFunctionArn ?? '';
  const since = clock.now() - LONGEST_ATTEMPT_MS;
  // The log of an earlier attempt would look as if it were live.
  const shownFrom = isOwn ? since : clock.now();
  let shown = 0;
  let readable = true;
  return async () => {
    if (!readable) {
      return undefined;
    }
    await logReads.wait();
    const lines = await catchKnown(aws.readSteps(functionArn, { since }, { versionId }), AwsError);
    // The log group does not exist before the function has logged its first line.
    if (lines instanceof AwsError && lines.kind === 'not-found') {
      return 'none';
    }
    if (lines instanceof AwsError && !lines.retryable) {
      readable = false;
      const text = `The function's log cannot be read. The command does not know the steps, and notices a failure only at the time limit. ${lines.message}`;
      notes.push(text);
      showProgress?.(`note: ${text}`);
    }
    if (lines instanceof AwsError) {
      return undefined;
    }
    const steps = lines.flatMap(toLoggedStep);
    for (const { text } of steps.slice(shown).filter(({ at }) => at >= shownFrom)) {
      showProgress?.(text);
    }
    shown = Math.max(shown, steps.length);
    const last = steps.at(-1);
    return last === undefined || (last.hasFailed && last.at < shownFrom) ? 'none' : last;
  };
}

function toLoggedStep({ at, event, step, durationMs, failure }: FunctionLogLine): readonly ReportedStep[] {
  const texts: Readonly<Record<string, string>> = {
    [STEP_EVENT.started]: 'started',
    [STEP_EVENT.finished]: `finished${durationMs === undefined ? '' : ` in ${formatDuration(durationMs)}`}`,
    [STEP_EVENT.failed]: `failed: ${failure?.message ?? 'no reason was logged'}`,
  };
  const text = texts[event];
  return text === undefined || step === undefined
    ? []
    : [{ at, text: `${step} ${text}`, step, hasFailed: event === STEP_EVENT.failed, failure }];
}
