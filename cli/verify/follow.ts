import type { FunctionLogLine, Period } from '../aws/aws.ts';
import type { CommandPorts } from '../command-ports.ts';
import type { Run } from './run.ts';

const PAUSE_MS = 500;

/** A line of the log may become readable this much later. */
const LOG_MS = 30_000;

/** The clocks of machines differ by less. */
const SKEW_MS = 3_600_000;

/** The time of this run on the clock of AWS. */
export function periodOfRun({ startedAt, clock }: Pick<Run, 'startedAt' | 'clock'>): Period {
  return { since: startedAt - SKEW_MS, until: clock.now() + SKEW_MS };
}

/** Asks until the answer is yes. @returns whether it was within the time */
export async function waitUntil(
  { clock, interrupted }: Pick<CommandPorts, 'clock' | 'interrupted'>,
  withinMs: number,
  ask: () => Promise<boolean>,
  pauseMs: number = PAUSE_MS,
): Promise<boolean> {
  for (const end = clock.now() + withinMs; ; ) {
    if (await ask()) {
      return true;
    }
    if (clock.now() >= end || interrupted.aborted) {
      return false;
    }
    await clock.sleep(pauseMs, interrupted);
  }
}

/**
 * The lines of the function about the temporary secret, oldest first.
 *
 * @param versionId `undefined`: of every version
 * @param isComplete whether no line is missing. Otherwise the log is read again, for a time
 * @throws AwsError
 */
export async function linesOf(
  run: Run,
  versionId: string | undefined,
  isComplete: (lines: readonly FunctionLogLine[]) => boolean,
  withinMs: number = LOG_MS,
): Promise<readonly FunctionLogLine[]> {
  const { aws, deployed, secret } = run;
  const about = { secretArn: secret.arn, versionId };
  let lines: readonly FunctionLogLine[] = [];
  await waitUntil(run, withinMs, async () => {
    lines = await aws.readSteps(deployed.functionArn, periodOfRun(run), about);
    return isComplete(lines);
  });
  return lines;
}
