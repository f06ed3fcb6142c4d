import { Aws, Duration, Names } from 'aws-cdk-lib';
import { Alarm, type AlarmProps, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
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
   * Topic for the alarms. The policy of an existing topic in another stack must allow
   * `cloudwatch.amazonaws.com` and `events.amazonaws.com` to publish.
   *
   * @default - a new topic without subscriptions
   */
  readonly topic?: ITopic;

  /**
   * Address of your runbook. Every alarm names it with `#` and an anchor, such as
   * `#rotation-failed`. The section "Alarms" of docs/operations.md has a heading for each anchor.
   *
   * @default - docs/operations.md of this package
   */
  readonly runbook?: string;

  /**
   * Creates a dashboard with the alarms, the steps and the log entries.
   *
   * @default true
   */
  readonly dashboard?: boolean;
}

const FIVE_MINUTES = Duration.minutes(5);

/**
 * Alarms for rotations that fail, are abandoned, time out, or are overdue.
 *
 * The alarm `OverdueCheckStopped` goes off once after the first deployment. It ends with the first
 * run of the check, within an hour.
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
    this.#allowAlarmsToPublish();

    const failedSteps = this.#failedSteps(rotationFunction);
    this.#addAlarm('RotationFailed', 'rotation-failed', 'A step of a rotation failed', failedSteps);
    this.#addFunctionAlarms(rotationFunction);
    this.overdueCheck = new OverdueCheck(this, 'OverdueCheck', props);
    this.#addOverdueAlarms(this.overdueCheck);
    notifyOfRotationEvents(this, { topic: this.topic, rotationFunction, runbook: `${this.#runbook}#rotation-events` });

    if (props.dashboard ?? true) {
      new RotationDashboard(this, 'Dashboard', { rotationFunction, failedSteps, alarms: this.alarms });
    }
  }

  /** Counts the failures that the function logs, so it needs no trail. */
  #failedSteps(rotationFunction: RotationFunction): IMetric {
    return new MetricFilter(this, 'FailedSteps', {
      logGroup: rotationFunction.logGroup,
      filterPattern: FilterPattern.stringValue(`$.${LOG_FIELD.event}`, '=', STEP_EVENT.failed),
      metricNamespace: METRIC_NAMESPACE,
      // A unique name separates the metrics of two stacks in one account.
      metricName: `FailedSteps-${Names.uniqueResourceName(this, { maxLength: 64 })}`,
      metricValue: '1',
    }).metric({ statistic: 'Sum', period: FIVE_MINUTES });
  }

  #addFunctionAlarms({ function: fn, timeout }: RotationFunction): void {
    const period = FIVE_MINUTES;
    const duration = fn.metricDuration({ period, statistic: 'Maximum' });
    this.#addAlarm('FunctionErrors', 'function-errors', 'The rotation function failed', fn.metricErrors({ period }));
    this.#addAlarm(
      'Throttled',
      'throttled',
      'The rotation function was refused for lack of concurrency',
      fn.metricThrottles({ period }),
    );
    this.#addAlarm('TimedOut', 'timed-out', 'A step of a rotation used up its time, or nearly so', duration, {
      threshold: Math.floor(timeout.toMilliseconds() * 0.95),
    });
  }

  #addOverdueAlarms({ function: fn, every }: OverdueCheck): void {
    this.#addAlarm(
      'Overdue',
      'overdue',
      'A credential was not rotated in time, or the check for it failed',
      fn.metricErrors({ period: every }),
    );
    this.#addAlarm(
      'OverdueCheckStopped',
      'overdue-check-stopped',
      'The check for overdue rotations does not run',
      fn.metricInvocations({ period: Duration.hours(every.toHours() * 3) }),
      {
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        // Missing data also means that the check never ran.
        treatMissingData: TreatMissingData.BREACHING,
      },
    );
  }

  #addAlarm(
    id: string,
    runbookAnchor: string,
    sentence: string,
    metric: IMetric,
    overrides: Partial<AlarmProps> = {},
  ): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: `${sentence}. What to do: ${this.#runbook}#${runbookAnchor}`,
      metric,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...overrides,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    this.alarms.push(alarm);
  }

  /** By default, a topic with a policy does not allow the alarms of its account. */
  #allowAlarmsToPublish(): void {
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
