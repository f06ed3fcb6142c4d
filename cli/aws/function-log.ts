import type { LogLine } from '../../telemetry/log-line.ts';

/** One structured line that the rotation function logged about one version. */
export interface FunctionLogLine extends LogLine {
  /** Unique among the lines of a function: a line that is read twice has the same id both times. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What a rotation function logged. Port: a log that cannot be read is an exception, of class AwsError. */
export interface FunctionLog {
  /**
   * Every line about one version, oldest first.
   *
   * @param since milliseconds since the epoch; older lines may be left out.
   */
  lines(versionId: string, since: number): Promise<readonly FunctionLogLine[]>;
}
