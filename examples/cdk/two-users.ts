// Two cluster users that take turns, so that the token before the current one stays valid.
// docs/applications.md says how to store the credential of the second user.
import { App, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation, RotationAlarms, RotationSchedule } from '../../infra/index.ts';

export class TwoUsersStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const { rotationFunction } = new CredentialRotation(this, 'Orders', {
      secret: Secret.fromSecretNameV2(this, 'OrdersSecret', 'milvus/orders'),
      strategy: 'alternating-users',
      endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
      usernames: ['orders', 'orders_b'],
      // Applications keep a token in memory for up to 6 hours.
      minimumGapMinutes: 6 * 60,
      schedule: RotationSchedule.rate(Duration.days(30)),
    });

    const { topic } = new RotationAlarms(this, 'Alarms', { rotationFunction });
    topic.addSubscription(new EmailSubscription('oncall@example.com'));
  }
}

if (import.meta.main) {
  new TwoUsersStack(new App(), 'TwoUsers');
}
