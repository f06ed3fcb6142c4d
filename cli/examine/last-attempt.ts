import { unfinishedVersion } from '../../protocol/secret/versions.ts';
import { type LoggedFailure, STEP_EVENT } from '../../telemetry/log-line.ts';
import type { Aws, FunctionLogLine, RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import { memoize } from '../aws/memoize.ts';
import type { WallClock } from '../clock.ts';
import { catchKnown } from '../outcome/failure.ts';

export interface FailedAttempt {
  readonly at: number;
  readonly step: string;
  readonly failure: LoggedFailure;
  /** Whether AWSPENDING is still on its version, so that no other rotation can start. */
  readonly isPending: boolean;
}

/** Reads the last attempt, if it failed. Adds a note if the log cannot be read. */
export type ReadLastAttempt = (secret: RotatingSecret, aws: Aws, notes: string[]) => Promise<FailedAttempt | undefined>;

const PERIOD_MS = 30 * 86_400_000;

/**
 * Creates the reader for one run of a command. Reads the log of each function once, because many
 * secrets share a function.
 */
export function createAttemptReader(clock: WallClock): ReadLastAttempt {
  const until = clock.now();
  const logsOf = memoize((aws: Aws) =>
    memoize(async (functionArn: string) => {
      const period = { since: until - PERIOD_MS, until };
      const lines = await catchKnown(aws.readSteps(functionArn, period), AwsError);
      return lines instanceof AwsError ? lines : Map.groupBy(lines, ({ secretArn }) => secretArn);
    }),
  );
  return async (secret, aws, notes) => {
    const { rotationFunctionArn: functionArn, arn } = secret;
    const log = functionArn === undefined ? undefined : await logsOf(aws)(functionArn);
    if (log instanceof AwsError) {
      // The log group does not exist before the function has logged its first line.
      if (log.kind !== 'not-found') {
        notes.push(
          `The log of the rotation function cannot be read, so it is not known how the last attempt ended. ${log.message}`,
        );
      }
      return undefined;
    }
    return lastFailureIn(log?.get(arn) ?? [], secret);
  };
}

/** @returns `undefined` if the last attempt succeeded, runs, or is not known */
function lastFailureIn(lines: readonly FunctionLogLine[], secret: RotatingSecret): FailedAttempt | undefined {
  const ended = lines.filter(
    ({ event, step }) => event === STEP_EVENT.failed || (event === STEP_EVENT.finished && step === 'finishSecret'),
  );
  const { at = 0, step = '', failure, versionId } = ended.at(-1) ?? {};
  return failure === undefined || at < (secret.lastRotatedAt ?? 0)
    ? undefined
    : { at, step, failure, isPending: unfinishedVersion(secret) === versionId };
}
