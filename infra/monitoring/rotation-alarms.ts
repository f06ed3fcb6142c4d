import { Aws, Duration, Names } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { LOG_FIELD, STEP_EVENT } from '../../telemetry/log-line.ts';
import { METRIC_NAMESPACE } from '../../telemetry/metrics.ts';
import type { RotationFunction } from '../function/rotation-function.ts';
import { addTags } from '../tags.ts';
import { OverdueCheck, type OverdueCheckProps } from './overdue-check.ts';
import { RotationDashboard } from './rotation-dashboard.ts';
import { notifyOfRotationEvents } from './rotation-events.ts';

export interface RotationAlarmsProps extends OverdueCheckProps {
  /**
   * Where alarms go. An existing topic of another stack must let `cloudwatch.amazonaws.com` and `events.amazonaws.com` publish.
   *
   * @default - a new topic, which nobody is subscribed to yet
   */
  readonly topic?: ITopic;

  /**
   * Address of your runbook. Every alarm names it, with `#` and the entry: `#rotation-failed`, `#function-errors`, `#throttled`,
   * `#timed-out`, `#overdue`, `#overdue-check-stopped`, `#rotation-events`.
   *
   * @default - docs/operations.md of this package
   */
  readonly runbook?: string;

  /**
   * A dashboard with all of it.
   *
   * @default true
   */
  readonly dashboard?: boolean;
}

const FIVE_MINUTES = Duration.minutes(5);

/**
 * Tells when a rotation fails, is abandoned, is slow, or does not happen at all.
 *
 * The alarm `OverdueCheckStopped` rings once after the first deployment and ends with the first run of the check, within an hour.
 *
 * @example
 * const { topic } = new RotationAlarms(this, 'Alarms', { rotationFunction });
 * topic.addSubscription(new EmailSubscription('oncall@example.com'));
 */
export class RotationAlarms extends Construct {
  readonly topic: ITopic;
  readonly alarms: Alarm[] = [];
  readonly overdueCheck: OverdueCheck;
  readonly #runbook: string;

  constructor(scope: Construct, id: string, props: RotationAlarmsProps) {
    super(scope, id);
    const { rotationFunction } = props;
    addTags(this, props.tags);
    this.#runbook = props.runbook ?? 'docs/operations.md';
    this.topic = props.topic ?? new Topic(this, 'Topic', { enforceSSL: true });
    this.#letAlarmsPublish();

    const failedSteps = this.#failedSteps(rotationFunction);
    this.#alarm('RotationFailed', 'rotation-failed', 'A step of a rotation failed', failedSteps, 1);
    this.#functionAlarms(rotationFunction);
    this.overdueCheck = new OverdueCheck(this, 'OverdueCheck', props);
    this.#overdueAlarms(this.overdueCheck);
    notifyOfRotationEvents(this, { topic: this.topic, rotationFunction, runbook: `${this.#runbook}#rotation-events` });

    if (props.dashboard ?? true) {
      new RotationDashboard(this, 'Dashboard', { rotationFunction, failedSteps, alarms: this.alarms });
    }
  }

  /** From the log of the function, so that it needs no trail and counts what the function itself calls a failure. */
  #failedSteps(rotationFunction: RotationFunction): IMetric {
    return new MetricFilter(this, 'FailedSteps', {
      logGroup: rotationFunction.logGroup,
      filterPattern: FilterPattern.stringValue(`$.${LOG_FIELD.event}`, '=', STEP_EVENT.failed),
      metricNamespace: METRIC_NAMESPACE,
      // Two stacks in one account must not ring each other's alarms.
      metricName: `FailedSteps-${Names.uniqueResourceName(this, { maxLength: 64 })}`,
      metricValue: '1',
    }).metric({ statistic: 'Sum', period: FIVE_MINUTES });
  }

  #functionAlarms({ function: fn, timeout }: RotationFunction): void {
    const period = { period: FIVE_MINUTES };
    this.#alarm('FunctionErrors', 'function-errors', 'The rotation function failed', fn.metricErrors(period), 1);
    this.#alarm(
      'Throttled',
      'throttled',
      'The rotation function was refused for lack of concurrency',
      fn.metricThrottles(period),
      1,
    );
    this.#alarm(
      'TimedOut',
      'timed-out',
      'A step of a rotation used up its time, or nearly so',
      fn.metricDuration({ ...period, statistic: 'Maximum' }),
      Math.floor(timeout.toMilliseconds() * 0.95),
    );
  }

  /**
   * A check that has not run yet looks to CloudWatch like one that has stopped. With its missing runs overlooked until there was one, the alarm
   * would be silent about a check that never runs at all.
   */
  #overdueAlarms({ function: fn, every }: OverdueCheck): void {
    this.#alarm(
      'Overdue',
      'overdue',
      'A credential was not rotated in time, or the check for it failed',
      fn.metricErrors({ period: every }),
      1,
    );
    this.#alarm(
      'OverdueCheckStopped',
      'overdue-check-stopped',
      'The check for overdue rotations does not run',
      fn.metricInvocations({ period: Duration.hours(every.toHours() * 3) }),
      1,
      { comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD, treatMissingData: TreatMissingData.BREACHING },
    );
  }

  #alarm(
    id: string,
    entry: string,
    sentence: string,
    metric: IMetric,
    threshold: number,
    unusual: { comparisonOperator?: ComparisonOperator; treatMissingData?: TreatMissingData } = {},
  ): Alarm {
    const alarm = new Alarm(this, id, {
      alarmDescription: `${sentence}. What to do: ${this.#runbook}#${entry}`,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...unusual,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    this.alarms.push(alarm);
    return alarm;
  }

  /** A topic with a policy of its own no longer lets the account's alarms in by default. */
  #letAlarmsPublish(): void {
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
  }
}
