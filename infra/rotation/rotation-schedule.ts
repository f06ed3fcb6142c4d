import type { Duration } from 'aws-cdk-lib';
import { RotationPropsError } from '../errors.ts';
import { checkSchedule } from '../rules/schedule-rules.ts';

export interface RotationScheduleOptions {
  /**
   * How long the window stays open in which Secrets Manager may rotate, in whole hours. It must not reach into the
   * next window, nor into the next UTC day.
   *
   * @default - an hour for schedules in hours, else until the end of the UTC day
   */
  readonly window?: Duration;
}

/**
 * When Secrets Manager rotates, in UTC. Checked against AWS's rules as soon as it is made, so that a mistake shows at
 * synth and not half-way through a deployment.
 *
 * @example
 * RotationSchedule.rate(Duration.days(30));
 * RotationSchedule.cron('0 4 ? * SUN *', { window: Duration.hours(2) });
 */
export class RotationSchedule {
  /** In AWS's own form: `rate(30 days)`. */
  readonly expression: string;
  /** In AWS's own form: `2h`; `undefined` leaves it to Secrets Manager. */
  readonly duration: string | undefined;

  /** @param every 4 hours to 999 days. The window opens at midnight UTC; use cron for another hour. */
  static rate(every: Duration, options: RotationScheduleOptions = {}): RotationSchedule {
    const hours = every.toHours({ integral: false });
    const expression =
      hours % 24 === 0 ? `rate(${hours / 24} ${hours === 24 ? 'day' : 'days'})` : `rate(${hours} hours)`;
    return RotationSchedule.expression(expression, options);
  }

  /** @param fields `0 HOURS DAY-OF-MONTH MONTH DAY-OF-WEEK *`, without the word `cron`. */
  static cron(fields: string, options: RotationScheduleOptions = {}): RotationSchedule {
    return RotationSchedule.expression(`cron(${fields})`, options);
  }

  /** @param expression As AWS writes it: `rate(10 days)` or `cron(0 4 1 * ? *)`. */
  static expression(expression: string, options: RotationScheduleOptions = {}): RotationSchedule {
    const window = options.window?.toHours({ integral: false });
    return new RotationSchedule(expression, window === undefined ? undefined : `${window}h`);
  }

  private constructor(expression: string, duration: string | undefined) {
    const check = checkSchedule(expression, duration);
    if (check.kind === 'invalid') {
      const what =
        check.field === 'schedule' ? `The schedule ${expression}` : `The window of ${duration} with ${expression}`;
      throw new RotationPropsError(undefined, `${what} is not possible. ${check.rule}`);
    }
    this.expression = expression;
    this.duration = duration;
  }
}
