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
 * Creates the reader for one run of a command.
 *
 * @param isOfMany whether the command examines several secrets. Then it reads the log of each
 *   function once, because they share a function. For one secret, AWS leaves out the lines of the
 *   others: a function of a fleet logs millions in the period.
 */
export function createAttemptReader(clock: WallClock, isOfMany: boolean): ReadLastAttempt {
  const until = clock.now();
  const period = { since: until - PERIOD_MS, until };
  const logsOf = memoize((aws: Aws) =>
    memoize(async (functionArn: string) => {
      const lines = await catchKnown(aws.readSteps(functionArn, period), AwsError);
      return lines instanceof AwsError ? lines : Map.groupBy(lines, ({ secretArn }) => secretArn);
    }),
  );
  const readLines = async (functionArn: string, secretArn: string, aws: Aws) => {
    if (!isOfMany) {
      return await catchKnown(aws.readSteps(functionArn, period, { secretArn }), AwsError);
    }
    const log = await logsOf(aws)(functionArn);
    return log instanceof AwsError ? log : (log.get(secretArn) ?? []);
  };
  return async (secret, aws, notes) => {
    const { rotationFunctionArn: functionArn, arn } = secret;
    const lines = functionArn === undefined ? [] : await readLines(functionArn, arn, aws);
    if (lines instanceof AwsError) {
      // The log group does not exist before the function has logged its first line.
      if (lines.kind !== 'not-found') {
        notes.push(
          `The log of the rotation function cannot be read, so it is not known how the last attempt ended. ${lines.message}`,
        );
      }
      return undefined;
    }
    return lastFailureIn(lines, secret);
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
