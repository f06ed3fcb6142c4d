// A user that Terraform's `zillizcloud_user` created. Terraform keeps the user, and must no longer know its password: to change one it drops the user
// and creates it anew, roles and all. Apply this to the resource before the first rotation:
//
//   resource "zillizcloud_user" "orders" {
//     ...
//     lifecycle {
//       ignore_changes = [password]
//     }
//   }
//
// and the same, [secret_string, version_stages], to an `aws_secretsmanager_secret_version` that holds the value.
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation } from '../../infra/index.ts';

export class FromTerraformStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    new CredentialRotation(this, 'Orders', {
      // Made by Terraform too, with {"endpoint", "username", "password"}.
      secret: Secret.fromSecretNameV2(this, 'OrdersSecret', 'terraform/milvus/orders'),
    });
  }
}

if (import.meta.main) {
  new FromTerraformStack(new App(), 'FromTerraform');
}
