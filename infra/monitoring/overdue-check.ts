import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { type IManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type IFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import { RotationPropsError } from '../errors.ts';
import { functionCode } from '../function/function-code.ts';
import type { RotationFunction } from '../function/rotation-function.ts';
import { addTags } from '../tags.ts';

export interface OverdueCheckProps {
  readonly rotationFunction: RotationFunction;

  /**
   * Oldest password that your policy allows, whatever the schedules say: whole days, 1 to 1000. Counted from the last rotation, or from the
   * creation of a secret that was never rotated.
   *
   * @default - only the schedules count
   */
  readonly maxAge?: Duration;

  /**
   * Upper limit of what the role of the check may ever be allowed.
   *
   * @default - that of the rotation function
   */
  readonly permissionsBoundary?: IManagedPolicy;

  /**
   * Tags of everything that the construct makes.
   *
   * @default - none of its own
   */
  readonly tags?: Readonly<Record<string, string>>;
}

const OLDEST_DAYS = 1000;

/**
 * A small function that looks every hour whether each secret of a rotation function was rotated when it should have been. It fails when
 * one was not, so that an alarm on its errors tells of overdue secrets and of a check that is broken alike. {@link RotationAlarms} has one.
 *
 * @example
 * const check = new OverdueCheck(this, 'OverdueCheck', { rotationFunction, maxAge: Duration.days(90) });
 * check.function.metricErrors({ period: check.every }).createAlarm(this, 'Overdue', { threshold: 1, evaluationPeriods: 1 });
 */
export class OverdueCheck extends Construct {
  readonly function: IFunction;
  readonly logGroup: LogGroup;
  readonly every: Duration = Duration.hours(1);

  constructor(scope: Construct, id: string, props: OverdueCheckProps) {
    super(scope, id);
    const { rotationFunction, permissionsBoundary = rotationFunction.permissionsBoundary } = props;
    addTags(this, props.tags);
    this.logGroup = new LogGroup(this, 'LogGroup', { retention: RetentionDays.ONE_MONTH });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Looks for credentials that were not rotated when they should have been',
      ...(permissionsBoundary && { permissionsBoundary }),
    });
    this.logGroup.grantWrite(role);
    role.addToPolicy(new PolicyStatement({ actions: ['secretsmanager:ListSecrets'], resources: ['*'] }));
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'ListSecrets knows no resources. It tells names and dates of secrets, and never a value.',
    });

    this.function = new NodejsFunction(this, 'Function', {
      ...functionCode('overdue'),
      description: 'Looks for credentials that were not rotated in time (zilliz-secret-rotation)',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.minutes(1),
      memorySize: 256,
      role,
      logGroup: this.logGroup,
      environment: {
        ROTATION_FUNCTION_ARN: rotationFunction.function.functionArn,
        ...(props.maxAge && { MAX_AGE_DAYS: String(wholeDays(this, props.maxAge)) }),
      },
      // It fails on purpose, and Lambda would repeat what EventBridge invokes: the next hour is the next attempt.
      retryAttempts: 0,
    });
    new Rule(this, 'Hourly', {
      description: `Looks for overdue rotations of ${Stack.of(this).stackName}`,
      schedule: Schedule.rate(this.every),
      targets: [new LambdaFunction(this.function, { retryAttempts: 0 })],
    });
  }
}

function wholeDays(scope: IConstruct, maxAge: Duration): number {
  const days = maxAge.isUnresolved() ? Number.NaN : maxAge.toDays({ integral: false });
  if (!Number.isInteger(days) || days < 1 || days > OLDEST_DAYS) {
    throw new RotationPropsError(
      scope,
      `A maxAge of ${maxAge.toHumanString()} cannot be checked: ages are compared in whole days, 1 to ${OLDEST_DAYS}. Give the days that your policy allows, Duration.days(90), or leave maxAge out.`,
    );
  }
  return days;
}
