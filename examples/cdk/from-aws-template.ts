// A secret that a function from AWS's template (SecretsManagerRotationTemplate) rotates today. The
// secret keeps its name and its value.
//
// 1. If a stack made the old schedule, remove the schedule from that stack. If you made the
//    schedule by hand, leave it: a secret has one schedule, and this stack replaces it.
// 2. Check that no rotation runs. `aws secretsmanager describe-secret` must not show a version
//    whose only label is AWSPENDING.
// 3. Check that the value has the keys "endpoint" (https://host:port), "username" and "password".
//    AWS's templates write "host" and "port" instead: add "endpoint" to the value. Rotations keep
//    other keys.
// 4. Deploy this stack.
// 5. Rotate once on demand.
// 6. Delete the old function.
import { App, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation, RotationAlarms, RotationSchedule } from '../../infra/index.ts';

export class FromAwsTemplateStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const { rotationFunction } = new CredentialRotation(this, 'Orders', {
      secret: Secret.fromSecretNameV2(this, 'OrdersSecret', 'prod/milvus/orders'),
      schedule: RotationSchedule.rate(Duration.days(30)),
    });

    const { topic } = new RotationAlarms(this, 'Alarms', { rotationFunction });
    topic.addSubscription(new EmailSubscription('oncall@example.com'));
  }
}

if (import.meta.main) {
  new FromAwsTemplateStack(new App(), 'FromAwsTemplate');
}
