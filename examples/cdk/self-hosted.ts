// A Milvus of your own in a VPC, with a certificate of a private authority, and an admin credential for the case that nobody's password works.
import { readFileSync } from 'node:fs';
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation } from '../../infra/index.ts';

export class SelfHostedStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { endpoint: string; certificateAuthority: string }) {
    super(scope, id, props);

    // The secret begins with a placeholder for its password: store the real one once, or create the cluster user with it.
    new CredentialRotation(this, 'Orders', {
      endpoint: props.endpoint,
      username: 'orders',
      // Nothing is allowed but what is named: the domains of Zilliz Cloud are not among it.
      allowedEndpoints: [new URL(props.endpoint).hostname],
      certificateAuthority: props.certificateAuthority,
      // Of a user in Milvus's common.security.superUsers, who alone may set a password without the old one.
      adminSecret: Secret.fromSecretNameV2(this, 'AdminSecret', 'milvus-admin'),
      // The function runs in the private subnets. It must reach Milvus from there, and Secrets Manager too.
      vpc: Vpc.fromVpcAttributes(this, 'Vpc', {
        vpcId: 'vpc-0123456789abcdef0',
        availabilityZones: ['us-west-2a'],
        privateSubnetIds: ['subnet-0123456789abcdef0'],
        privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
      }),
      securityGroups: [SecurityGroup.fromSecurityGroupId(this, 'SecurityGroup', 'sg-0123456789abcdef0')],
    });
  }
}

if (import.meta.main) {
  new SelfHostedStack(new App(), 'SelfHosted', {
    endpoint: 'https://milvus.internal.example.com:19530',
    certificateAuthority: readFileSync(new URL('private-ca.pem', import.meta.url), 'utf8'),
  });
}
