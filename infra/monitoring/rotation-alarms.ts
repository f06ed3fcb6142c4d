import { Aws, Duration } from 'aws-cdk-lib';
import { Alarm, type AlarmProps, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { LOG_FIELD } from '../../telemetry/log-line.ts';
import type { RotationFunction } from '../function/rotation-function.ts';
import { checkProps } from '../rules/check-props.ts';
import { checkRegion } from '../rules/location.ts';
import { RUNBOOK } from '../rules/shared-fields.ts';
import { notifyOfAbandonedRotations } from './abandoned-rotations.ts';
import { OverdueCheck, type OverdueCheckProps, ofThisApp } from './overdue-check.ts';
import { addDashboard } from './rotation-dashboard.ts';

export interface RotationAlarmsProps extends OverdueCheckProps {
  /**
   * Topic for the alarms. The policy of an existing topic in another stack must allow
   * `cloudwatch.amazonaws.com` and `events.amazonaws.com` to publish. A topic of another account
   * must allow `cloudwatch.amazonaws.com` and the role that the construct creates for the events.
   *
   * @default - a new topic without subscriptions
   */
  readonly topic?: ITopic;

  /**
   * Address of your runbook. Every alarm names it with `#` and an anchor, such as
   * `#rotation-failed`. The section "Alarms" of docs/operations.md has a heading for each anchor.
   *
   * @default - docs/operations.md in the repository of this package
   */
  readonly runbook?: string;

  /**
   * Creates a dashboard with the alarms, the steps and the log entries.
   *
   * @default true
   */
  readonly dashboard?: boolean;
}

/** The manifests in packages/ name the same repository. A test compares them. */
export const REPOSITORY = 'https://github.com/zilliz-secret-rotation/zilliz-secret-rotation';

/** The page that says what to do after an alarm. Each alarm has an anchor on the page. */
const RUNBOOK_PAGE: string = `${REPOSITORY}/blob/main/docs/operations.md`;

const FIVE_MINUTES = Duration.minutes(5);

interface RotationAlarm extends Partial<AlarmProps> {
  readonly sentence: string;
  /** Which secret the alarm is about, or where its name is. */
  readonly which: string;
  readonly metric: IMetric;
}

/**
 * Alarms for rotations that fail, are abandoned, or are overdue. One failure raises one alarm.
 *
 * The topic also gets the end of each alarm. `OverdueCheckStopped` has the state INSUFFICIENT_DATA,
 * because a check that does not run has no data.
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
    checkProps(this, props, { runbook: RUNBOOK });
    const { topic, runbook, dashboard, ...overdueCheckProps } = props;
    const rotationFunction = ofThisApp(this, props.rotationFunction);
    checkRegion(this, ['topic'], topic);
    this.#runbook = runbook ?? RUNBOOK_PAGE;
    this.topic = topic ?? new Topic(this, 'Topic', { enforceSSL: true });
    this.#allowAlarmsToPublish();

    this.#addFunctionAlarms(rotationFunction);
    this.overdueCheck = new OverdueCheck(this, 'OverdueCheck', overdueCheckProps);
    this.#addOverdueAlarms(this.overdueCheck, rotationFunction);
    notifyOfAbandonedRotations(this, this.topic, rotationFunction, `${this.#runbook}#rotation-abandoned`);

    if (dashboard ?? true) {
      addDashboard(this, rotationFunction, this.overdueCheck, this.alarms);
    }
  }

  #addFunctionAlarms(rotationFunction: RotationFunction): void {
    const { function: fn, logGroup } = rotationFunction;
    const period = FIVE_MINUTES;
    // A failed step, a crash, a time-out and an invalid configuration are all errors of Lambda.
    this.#addAlarm('RotationFailed', 'rotation-failed', {
      sentence: 'A step of a rotation failed, or the rotation function could not run',
      which: `Secret: field ${LOG_FIELD.secretArn} in log group ${logGroup.logGroupName}`,
      metric: fn.metricErrors({ period }),
    });
    this.#addAlarm('Throttled', 'throttled', {
      sentence: 'The rotation function was refused for lack of concurrency',
      // Without an invocation, there is no log.
      which: `Secrets: zilliz-rotation status --rotated-by ${fn.functionName}`,
      metric: fn.metricThrottles({ period }),
    });
  }

  #addOverdueAlarms({ function: fn, every, logGroup }: OverdueCheck, rotationFunction: RotationFunction): void {
    this.#addAlarm('Overdue', 'overdue', {
      sentence: 'A credential was not rotated in time, or the check for it failed',
      which: `Secret: field secret in log group ${logGroup.logGroupName}`,
      metric: fn.metricErrors({ period: every }),
    });
    this.#addAlarm('OverdueCheckStopped', 'overdue-check-stopped', {
      sentence: 'The check for overdue rotations does not run',
      which: `Secrets: zilliz-rotation status --rotated-by ${rotationFunction.function.functionName}`,
      metric: fn.metricInvocations({ period: Duration.hours(every.toHours() * 3) }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      // A check that does not run has no data. An alarm begins without data too, but an action
      // needs a change of the state. So the first deployment raises nothing, and a check that stops
      // does.
      treatMissingData: TreatMissingData.MISSING,
    }).addInsufficientDataAction(new SnsAction(this.topic));
  }

  #addAlarm(id: string, runbookAnchor: string, { sentence, which, ...props }: RotationAlarm): Alarm {
    const alarm = new Alarm(this, id, {
      alarmDescription: `${sentence}. ${which}. What to do: ${this.#runbook}#${runbookAnchor}`,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
    });
    // With the end of an alarm, a pager resolves by itself.
    const action = new SnsAction(this.topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    this.alarms.push(alarm);
    return alarm;
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
