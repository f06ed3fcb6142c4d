// A new secret for one cluster user, rotated every 30 days. `cdk deploy --app "node
// examples/cdk/new-secret.ts"`
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation, RotationAlarms } from '../../infra/index.ts';

export class NewSecretStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // The new secret holds a placeholder password. Store the real password once, or create the
    // cluster user with the placeholder.
    const { rotationFunction } = new CredentialRotation(this, 'Orders', {
      secretName: 'milvus/orders',
      endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
      username: 'orders',
    });

    const { topic } = new RotationAlarms(this, 'Alarms', { rotationFunction });
    topic.addSubscription(new EmailSubscription('oncall@example.com'));
  }
}

if (import.meta.main) {
  new NewSecretStack(new App(), 'NewSecret');
}
