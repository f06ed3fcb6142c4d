// A self-hosted Milvus in a VPC, with a certificate from a private CA. The function resets the
// password with an admin credential if the cluster rejects every stored password.
import { readFileSync } from 'node:fs';
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation, RotationAlarms } from '../../infra/index.ts';

export class SelfHostedStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { endpoint: string; certificateAuthority: string }) {
    super(scope, id, props);

    // The new secret holds a placeholder password. Store the real password once, or create the
    // cluster user with the placeholder.
    const { rotationFunction } = new CredentialRotation(this, 'Orders', {
      secretName: 'milvus/orders',
      endpoint: props.endpoint,
      username: 'orders',
      // The function connects only to these hosts. The default hosts, those of Zilliz Cloud, are
      // not allowed.
      allowedEndpoints: [new URL(props.endpoint).hostname],
      certificateAuthority: props.certificateAuthority,
      // JSON {"endpoint", "username", "password"} of a user in Milvus's
      // common.security.superUsers. Only these users may set a password without the old password.
      adminSecret: Secret.fromSecretNameV2(this, 'AdminSecret', 'milvus-admin'),
      // The function runs in the private subnets. It must reach Milvus and Secrets Manager from
      // there.
      vpc: Vpc.fromVpcAttributes(this, 'Vpc', {
        vpcId: 'vpc-0123456789abcdef0',
        availabilityZones: ['us-west-2a'],
        privateSubnetIds: ['subnet-0123456789abcdef0'],
        privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
      }),
      securityGroups: [SecurityGroup.fromSecurityGroupId(this, 'SecurityGroup', 'sg-0123456789abcdef0')],
    });

    const { topic } = new RotationAlarms(this, 'Alarms', { rotationFunction });
    topic.addSubscription(new EmailSubscription('oncall@example.com'));
  }
}

if (import.meta.main) {
  new SelfHostedStack(new App(), 'SelfHosted', {
    endpoint: 'https://milvus.internal.example.com:19530',
    certificateAuthority: readFileSync(new URL('private-ca.pem', import.meta.url), 'utf8'),
  });
}
