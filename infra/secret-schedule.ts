import { CfnRotationSchedule, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { RotationSchedule } from './rotation-schedule.ts';

export interface SecretScheduleProps {
  readonly secret: ISecret;
  readonly functionArn: string;
  readonly schedule: RotationSchedule;
  readonly rotateImmediatelyOnUpdate: boolean;
}

/** What tells Secrets Manager to call the function. CDK's own takes no cron, no window, and rotates at once. */
export function secretSchedule(scope: Construct, props: SecretScheduleProps): CfnRotationSchedule {
  const { secret, functionArn, schedule, rotateImmediatelyOnUpdate } = props;
  return new CfnRotationSchedule(scope, 'Schedule', {
    // A partial ARN is ambiguous when the name itself ends like Secrets Manager's suffix; the name never is.
    secretId: secret.secretFullArn ?? secret.secretName,
    rotationLambdaArn: functionArn,
    rotationRules: {
      scheduleExpression: schedule.expression,
      ...(schedule.duration !== undefined && { duration: schedule.duration }),
    },
    rotateImmediatelyOnUpdate,
  });
}
