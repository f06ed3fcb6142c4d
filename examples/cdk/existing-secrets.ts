// One function that rotates two existing secrets: one by name, one by ARN.
import { App, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation, RotationAlarms, RotationFunction, RotationSchedule } from '../../infra/index.ts';

export class ExistingSecretsStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { searchArn: string }) {
    super(scope, id, props);

    const rotationFunction = new RotationFunction(this, 'RotationFunction');

    new CredentialRotation(this, 'Orders', {
      rotationFunction,
      secret: Secret.fromSecretNameV2(this, 'OrdersSecret', 'shop/orders'),
    });

    // On Sundays, between 03:00 and 05:00 UTC.
    new CredentialRotation(this, 'Search', {
      rotationFunction,
      secret: Secret.fromSecretCompleteArn(this, 'SearchSecret', props.searchArn),
      schedule: RotationSchedule.cron('0 3 ? * SUN *', { window: Duration.hours(2) }),
    });

    const { topic } = new RotationAlarms(this, 'Alarms', { rotationFunction });
    topic.addSubscription(new EmailSubscription('oncall@example.com'));
  }
}

if (import.meta.main) {
  new ExistingSecretsStack(new App(), 'ExistingSecrets', {
    searchArn: 'arn:aws:secretsmanager:us-west-2:123456789012:secret:shop/search-Ab12Cd',
  });
}
