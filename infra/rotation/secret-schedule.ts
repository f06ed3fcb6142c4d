import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
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
    secretId: idOf(secret, Stack.of(scope)),
    rotationLambdaArn: functionArn,
    rotationRules: {
      scheduleExpression: schedule.expression,
      ...(schedule.duration !== undefined && { duration: schedule.duration }),
    },
    rotateImmediatelyOnUpdate,
  });
}

/**
 * A partial ARN is ambiguous when the name itself ends like Secrets Manager's suffix; the name never is. But a secret that is
 * named with an account must not become the namesake in whatever account the stack is deployed to.
 */
function idOf({ secretFullArn, secretArn, secretName, env }: ISecret, { account }: Stack): string {
  const isOwn = Token.compareStrings(env.account, account) !== TokenComparison.ONE_UNRESOLVED;
  return secretFullArn ?? (isOwn ? secretName : secretArn);
}
