import { type LoggedFailure, STEP_EVENT } from '../../telemetry/log-line.ts';
import type { FunctionLogLine, RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { catchKnown } from '../outcome/catch-known.ts';
import { formatDuration } from '../terminal/time.ts';
import type { RotatePorts } from './rotate-ports.ts';

interface FollowedRotation {
  readonly secret: RotatingSecret;
  readonly versionId: string;
  /** False if the rotation ran before this command called RotateSecret. */
  readonly isOwn: boolean;
}

/** The clocks of this machine and of AWS may differ. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Lambda ends a function after this time, so an attempt that runs has logged its start since. */
const LONGEST_ATTEMPT_MS = 15 * 60_000;

export interface LoggedStep {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
  readonly step: string;
  /** Until the next attempt starts. */
  readonly hasFailed: boolean;
  readonly failure: LoggedFailure | undefined;
  /** Whether the line is older than the command. Only a rotation that began before has such. */
  readonly isEarlier: boolean;
}

/**
 * Reads the log about one version. `undefined`: the log cannot be read. `none`: the function has
 * logged no step.
 */
export type StepReader = () => Promise<LoggedStep | 'none' | undefined>;

/**
 * Each read shows the new lines, but no line from before the command. If AWS refuses to show the log, the reader adds a note and does
 * not try again.
 *
 * @param began when the command began to follow: milliseconds since the epoch
 */
export function createStepReader(
  { secret, versionId, isOwn }: FollowedRotation,
  began: number,
  { aws, logPaceOf, showProgress }: Pick<RotatePorts, 'aws' | 'logPaceOf' | 'showProgress'>,
  notes: string[],
): StepReader {
  const log = aws.functionLog(secret.rotationFunctionArn ?? '');
  const since = began - CLOCK_SKEW_MS - (isOwn ? 0 : LONGEST_ATTEMPT_MS);
  const shown = new Set<string>();
  let readable = true;
  return async () => {
    if (!readable) {
      return undefined;
    }
    await logPaceOf(secret).wait();
    const lines = await catchKnown(log.readLines(versionId, since), AwsError);
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
    const steps = lines.flatMap((line) => toLoggedStep(line, !isOwn && line.at < began));
    for (const [index, { text, isEarlier }] of steps.entries()) {
      const key = `${index} ${text}`;
      if (!isEarlier && !shown.has(key)) {
        shown.add(key);
        showProgress?.(text);
      }
    }
    return steps.at(-1) ?? 'none';
  };
}

function toLoggedStep(
  { at, event, step, durationMs, failure }: FunctionLogLine,
  isEarlier: boolean,
): readonly LoggedStep[] {
  const texts: Readonly<Record<string, string>> = {
    [STEP_EVENT.started]: 'started',
    [STEP_EVENT.finished]: `finished${durationMs === undefined ? '' : ` in ${formatDuration(durationMs)}`}`,
    [STEP_EVENT.failed]: `failed: ${failure?.message ?? 'no reason was logged'}`,
  };
  const text = texts[event];
  return text === undefined || step === undefined
    ? []
    : [{ at, text: `${step} ${text}`, step, hasFailed: event === STEP_EVENT.failed, failure, isEarlier }];
}
