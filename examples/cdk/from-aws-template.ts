// A secret that a function made from AWS's template (SecretsManagerRotationTemplate) rotates today. The secret, its name and its value stay.
//
// 1. Take its schedule out of its old stack, or, if it was set up by hand, leave it: a secret has one schedule, and this one replaces it.
// 2. See that no rotation is under way: `aws secretsmanager describe-secret` shows AWSPENDING alone on no version.
// 3. See that the value names "endpoint" (https://host:port), "username" and "password". Templates write "host" and "port": store it again
//    with "endpoint"; the other keys may stay, and survive rotations.
// 4. Deploy this, rotate once on demand, and delete the old function.
import { App, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation, RotationSchedule } from '../../infra/index.ts';

export class FromAwsTemplateStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    new CredentialRotation(this, 'Orders', {
      secret: Secret.fromSecretNameV2(this, 'OrdersSecret', 'prod/milvus/orders'),
      schedule: RotationSchedule.rate(Duration.days(30)),
    });
  }
}

if (import.meta.main) {
  new FromAwsTemplateStack(new App(), 'FromAwsTemplate');
}
