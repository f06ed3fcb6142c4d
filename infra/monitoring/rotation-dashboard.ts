import { type Alarm, AlarmStatusWidget, Dashboard, GraphWidget, LogQueryWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { STEPS } from '../../protocol/rotation/rotation-request.ts';
import { LOG_FIELD, STEP_EVENT } from '../../telemetry/log-line.ts';
import type { RotationFunction } from '../function/rotation-function.ts';
import type { OverdueCheck } from './overdue-check.ts';

const HALF_WIDTH = 12;

const { step, secretArn, versionId, errorCode, accepted, advice, outcome, durationMs } = LOG_FIELD;

/** Alarms, step counts and durations, failed steps and finished rotations on one page. */
export function addDashboard(
  scope: Construct,
  rotationFunction: RotationFunction,
  overdueCheck: OverdueCheck,
  alarms: Alarm[],
): void {
  const { function: fn, logGroup } = rotationFunction;
  new Dashboard(new Construct(scope, 'Dashboard'), 'Dashboard').addWidgets(
    new AlarmStatusWidget({ title: 'Alarms', alarms, width: 24 }),
    new GraphWidget({
      title: 'Steps, and overdue secrets',
      left: [fn.metricInvocations(), fn.metricErrors(), overdueCheck.metricOverdue()],
      width: HALF_WIDTH,
    }),
    new GraphWidget({
      title: 'Time of a step',
      left: [
        ...STEPS.map((name) => rotationFunction.metricStepDuration(name)),
        fn.metricDuration({ statistic: 'Maximum' }),
      ],
      width: HALF_WIDTH,
    }),
    new LogQueryWidget({
      title: 'Failed steps',
      logGroupNames: [logGroup.logGroupName],
      queryLines: [
        `filter ${LOG_FIELD.event} = "${STEP_EVENT.failed}"`,
        `fields @timestamp, ${[secretArn, step, errorCode, accepted, advice].join(', ')}`,
        'sort @timestamp desc',
        'limit 50',
      ],
      width: 24,
    }),
    new LogQueryWidget({
      title: 'Rotations that ended well',
      logGroupNames: [logGroup.logGroupName],
      queryLines: [
        `filter ${LOG_FIELD.event} = "${STEP_EVENT.finished}" and ${step} = "finishSecret"`,
        `fields @timestamp, ${[secretArn, versionId, outcome, durationMs].join(', ')}`,
        'sort @timestamp desc',
        'limit 50',
      ],
      width: 24,
    }),
  );
}
