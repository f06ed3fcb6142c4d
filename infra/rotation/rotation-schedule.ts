import type { Duration } from 'aws-cdk-lib';
import { RotationPropsError } from '../rules/check-props.ts';
import { scheduleProblem } from '../rules/schedule-rules.ts';

export interface RotationScheduleOptions {
  /**
   * Length of the rotation window, in whole hours. The window must end before the next window
   * opens and before the UTC day ends.
   *
   * @default - one hour for a rate in hours, otherwise until the end of the UTC day
   */
  readonly window?: Duration;
}

/**
 * When Secrets Manager rotates a secret, in UTC. The constructor applies the rules of AWS, so that
 * an invalid schedule fails at synth and not during a deployment.
 *
 * @example
 * RotationSchedule.rate(Duration.days(30));
 * RotationSchedule.cron('0 4 ? * SUN *', { window: Duration.hours(2) });
 */
export class RotationSchedule {
  /** The schedule in the syntax of AWS: `rate(30 days)`. */
  readonly expression: string;
  /** The window in the syntax of AWS: `2h`. If undefined, Secrets Manager applies its default. */
  readonly duration: string | undefined;

  /**
   * @param every 4 hours to 999 days. The window opens at midnight UTC; use cron for another hour.
   * @throws RotationPropsError if Secrets Manager would reject the schedule or its window.
   */
  static rate(every: Duration, options: RotationScheduleOptions = {}): RotationSchedule {
    const hours = every.toHours({ integral: false });
    const expression =
      hours % 24 === 0 ? `rate(${hours / 24} ${hours === 24 ? 'day' : 'days'})` : `rate(${hours} hours)`;
    return RotationSchedule.expression(expression, options);
  }

  /**
   * @param fields `0 HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK *`, without the word `cron`.
   * @throws RotationPropsError if Secrets Manager would reject the schedule or its window.
   */
  static cron(fields: string, options: RotationScheduleOptions = {}): RotationSchedule {
    return RotationSchedule.expression(`cron(${fields})`, options);
  }

  /**
   * @param expression In the syntax of AWS: `rate(10 days)` or `cron(0 4 1 * ? *)`.
   * @throws RotationPropsError if Secrets Manager would reject the schedule or its window.
   */
  static expression(expression: string, options: RotationScheduleOptions = {}): RotationSchedule {
    const window = options.window?.toHours({ integral: false });
    return new RotationSchedule(expression, window === undefined ? undefined : `${window}h`);
  }

  private constructor(expression: string, duration: string | undefined) {
    const problem = scheduleProblem(expression, duration);
    if (problem) {
      const subject =
        problem.key === 'schedule' ? `The schedule ${expression}` : `The window of ${duration} with ${expression}`;
      throw new RotationPropsError(undefined, `${subject} is invalid. ${problem.rule}`);
    }
    this.expression = expression;
    this.duration = duration;
  }
}
