// Alarms that go to an existing topic and link your own runbook. The policy of the topic must
// allow cloudwatch.amazonaws.com and events.amazonaws.com to publish.
import { App, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation, RotationAlarms } from '../../infra/index.ts';

export class OwnAlarmsTopicStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { topicArn: string }) {
    super(scope, id, props);

    const { rotationFunction } = new CredentialRotation(this, 'Billing', {
      secret: Secret.fromSecretNameV2(this, 'BillingSecret', 'shop/billing'),
    });

    new RotationAlarms(this, 'Alarms', {
      rotationFunction,
      topic: Topic.fromTopicArn(this, 'OnCall', props.topicArn),
      runbook: 'https://runbooks.example.com/milvus-rotation',
      maxAge: Duration.days(45),
    });
  }
}

if (import.meta.main) {
  new OwnAlarmsTopicStack(new App(), 'OwnAlarmsTopic', {
    topicArn: 'arn:aws:sns:us-west-2:123456789012:oncall',
  });
}
