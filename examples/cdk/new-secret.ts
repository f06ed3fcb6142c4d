// A new secret for one cluster user, rotated every 30 days. `cdk deploy --app "node
// examples/cdk/new-secret.ts"`
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation } from '../../infra/index.ts';

export class NewSecretStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // The new secret holds a placeholder password. Store the real password once, or create the
    // cluster user with the placeholder.
    new CredentialRotation(this, 'Orders', {
      endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
      username: 'orders',
    });
  }
}

if (import.meta.main) {
  new NewSecretStack(new App(), 'NewSecret');
}
