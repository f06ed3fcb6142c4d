// A user that Terraform's `zillizcloud_user` created. Terraform keeps the user and must ignore the
// password, because Terraform changes a password by deleting the user with its roles and creating
// the user again. Apply this change to the resource before the first rotation:
//
// resource "zillizcloud_user" "orders" {
//     ...
//     lifecycle {
//       ignore_changes = [password]
//     }
// }
//
// If an `aws_secretsmanager_secret_version` holds the value, replace the resource by a `removed`
// block, as docs/migration.md says. Otherwise Terraform creates the version with the first password
// again when Secrets Manager has deleted it.
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation, RotationAlarms } from '../../infra/index.ts';

export class FromTerraformStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    const { rotationFunction } = new CredentialRotation(this, 'Orders', {
      // Terraform creates this secret with the keys "endpoint", "username" and "password".
      secret: Secret.fromSecretNameV2(this, 'OrdersSecret', 'terraform/milvus/orders'),
    });

    const { topic } = new RotationAlarms(this, 'Alarms', { rotationFunction });
    topic.addSubscription(new EmailSubscription('oncall@example.com'));
  }
}

if (import.meta.main) {
  new FromTerraformStack(new App(), 'FromTerraform');
}
