import { Aspects, Duration, Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IConstruct } from 'constructs';
import { ROTATED_SECRETS } from '../../protocol/secret/rotated-secrets.ts';
import { METRIC } from '../../telemetry/metrics.ts';
import { acknowledge } from '../acknowledge.ts';
import { functionCode } from '../function/function-code.ts';
import type { RotationFunction } from '../function/rotation-function.ts';
import { type IRotationFunction, rotationMetric } from '../function/rotation-function-base.ts';
import { checkProps, RotationPropsError } from '../rules/check-props.ts';
import { MAX_AGE_DAYS } from '../rules/shared-fields.ts';

export interface OverdueCheckProps {
  /** A function of this app. A deployed function is monitored by its own app. */
  readonly rotationFunction: IRotationFunction;

  /**
   * Maximum age of a password, independent of its schedule: whole days, 1 to 1000. The age counts
   * from the last rotation, or from the creation of a secret that was never rotated.
   *
   * @default - the check uses the schedules only
   */
  readonly maxAge?: Duration;
}

/**
 * A function that checks every hour whether each secret of a rotation function was rotated in
 * time. It fails if a rotation is overdue, or if the rotation function does not rotate one of its
 * configured secrets. So one alarm on its errors reports both, and a broken check too. It lists
 * only secrets of its own account. {@link RotationAlarms} contains this check and its alarms.
 *
 * @example
 * const maxAge = Duration.days(90);
 * const check = new OverdueCheck(this, 'OverdueCheck', { rotationFunction, maxAge });
 * const errors = check.function.metricErrors({ period: check.every });
 * errors.createAlarm(this, 'Overdue', { threshold: 1, evaluationPeriods: 1 });
 */
export class OverdueCheck extends Construct {
  readonly function: IFunction;
  readonly logGroup: LogGroup;
  readonly every: Duration = Duration.hours(1);

  constructor(scope: Construct, id: string, props: OverdueCheckProps) {
    super(scope, id);
    const days = props.maxAge?.toDays({ integral: false });
    checkProps(this, { maxAge: days }, { maxAge: MAX_AGE_DAYS });
    const rotationFunction = ofThisApp(this, props.rotationFunction);
    const { architecture, permissionsBoundary, logEncryptionKey: encryptionKey } = rotationFunction;
    this.logGroup = new LogGroup(this, 'LogGroup', {
      retention: RetentionDays.ONE_MONTH,
      ...(encryptionKey && { encryptionKey }),
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Looks for credentials that were not rotated when they should have been',
      ...(permissionsBoundary && { permissionsBoundary }),
    });
    this.logGroup.grantWrite(role);
    role.addToPolicy(new PolicyStatement({ actions: ['secretsmanager:ListSecrets'], resources: ['*'] }));
    acknowledge(role, {
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'ListSecrets supports no resource-level permissions. ListSecretVersionIds has a condition on the rotation function. Both return names and dates but no value.',
    });

    if (days !== undefined) {
      // The dates of the versions whose credential the cluster accepts besides the current one.
      const AllowRotationLambdaArn = rotationFunction.function.functionArn;
      role.addToPolicy(
        new PolicyStatement({
          actions: ['secretsmanager:ListSecretVersionIds'],
          resources: ['*'],
          conditions: { StringEquals: { 'secretsmanager:resource/AllowRotationLambdaArn': AllowRotationLambdaArn } },
        }),
      );
    }

    this.function = new LambdaFunction(this, 'Function', {
      ...functionCode(this, 'overdue', 'Looks for credentials that were not rotated in time'),
      architecture,
      // Reading the dates of the versions of 10,000 secrets takes 250 seconds.
      timeout: Duration.minutes(10),
      memorySize: 256,
      role,
      logGroup: this.logGroup,
      environment: {
        ROTATION_FUNCTION_ARN: rotationFunction.function.functionArn,
        ...(days !== undefined && { MAX_AGE_DAYS: String(days) }),
        [ROTATED_SECRETS]: rotationFunction.rotatedSecrets,
      },
      // An overdue rotation fails the invocation. A retry would count it twice, and the next check
      // runs in an hour.
      retryAttempts: 0,
    });
    // The check reports a secret without a schedule, so it knows a secret after its schedule.
    const addSchedules = (): void => this.function.node.addDependency(...schedulesOf(this, rotationFunction));
    Aspects.of(this).add({ visit: (node) => node === this && addSchedules() });
    new Rule(this, 'Hourly', {
      description: `Looks for overdue rotations of ${Stack.of(this).stackName}`,
      schedule: Schedule.rate(this.every),
      targets: [new LambdaTarget(this.function, { retryAttempts: 0 })],
    });
  }

  /**
   * Overdue secrets, as of each hourly check. No data means that the check did not end.
   *
   * @default - maximum in an hour
   */
  metricOverdue(props?: MetricOptions): Metric {
    return rotationMetric(this, METRIC.overdueSecrets, props, { statistic: 'Maximum', period: this.every });
  }
}

/**
 * The schedules of the function in the stack of the scope. Without those of the release's template:
 * nothing may depend on a resource that has a condition.
 */
function schedulesOf(scope: IConstruct, { function: fn }: RotationFunction): CfnRotationSchedule[] {
  const stack = Stack.of(scope);
  return stack.node
    .findAll()
    .filter((node) => node instanceof CfnRotationSchedule)
    .filter((schedule) => schedule.stack === stack && schedule.rotationLambdaArn === fn.functionArn)
    .filter(({ cfnOptions }) => cfnOptions.condition === undefined);
}

/**
 * The members tell the class, because an app may contain two copies of this package.
 *
 * @throws RotationPropsError for a deployed function.
 */
export function ofThisApp(scope: IConstruct, rotationFunction: IRotationFunction): RotationFunction {
  if (!('rotatedSecrets' in rotationFunction)) {
    throw new RotationPropsError(
      scope,
      'rotationFunction: Give a RotationFunction of this app. A deployed function is monitored by its own app, so create this construct there.',
    );
  }
  return rotationFunction as RotationFunction;
}
