// A secret and a log with customer managed keys. The function may use the key of the secret only
// through Secrets Manager, and only for this secret.
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation, RotationAlarms } from '../../infra/index.ts';

export class CustomerKeyStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const logEncryptionKey = new Key(this, 'LogKey', { enableKeyRotation: true });
    logEncryptionKey.grantEncryptDecrypt(new ServicePrincipal(`logs.${this.region}.amazonaws.com`));

    const { rotationFunction } = new CredentialRotation(this, 'Billing', {
      secretName: 'milvus/billing',
      endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
      username: 'billing',
      encryptionKey: new Key(this, 'SecretKey', { enableKeyRotation: true }),
      logEncryptionKey,
    });

    const { topic } = new RotationAlarms(this, 'Alarms', { rotationFunction });
    topic.addSubscription(new EmailSubscription('oncall@example.com'));
  }
}

if (import.meta.main) {
  new CustomerKeyStack(new App(), 'CustomerKey');
}
