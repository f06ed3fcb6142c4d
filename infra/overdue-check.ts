import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type IFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { functionCode } from './function-code.ts';
import type { RotationFunction } from './rotation-function.ts';

export interface OverdueCheckProps {
  readonly rotationFunction: RotationFunction;

  /**
   * Oldest password that your policy allows, whatever the schedules say.
   *
   * @default - only the schedules count
   */
  readonly maxAge?: Duration;
}

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
    this.logGroup = new LogGroup(this, 'LogGroup', { retention: RetentionDays.ONE_MONTH });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Looks for credentials that were not rotated when they should have been',
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
        ROTATION_FUNCTION_ARN: props.rotationFunction.function.functionArn,
        ...(props.maxAge && { MAX_AGE_DAYS: String(props.maxAge.toDays()) }),
      },
    });
    new Rule(this, 'Hourly', {
      description: `Looks for overdue rotations of ${Stack.of(this).stackName}`,
      schedule: Schedule.rate(this.every),
      // It fails on purpose; the next hour is the next attempt.
      targets: [new LambdaFunction(this.function, { retryAttempts: 0 })],
    });
  }
}
