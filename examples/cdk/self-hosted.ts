// A Milvus of your own in a VPC, with a certificate of a private authority, and an admin credential for the case that nobody's password works.
import { readFileSync } from 'node:fs';
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation } from '../../infra/index.ts';

export class SelfHostedStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    new CredentialRotation(this, 'Orders', {
      endpoint: 'https://milvus.internal.example.com:19530',
      username: 'orders',
      // Nothing is allowed but what is named: the domains of Zilliz Cloud are not among it.
      allowedEndpoints: ['milvus.internal.example.com'],
      certificateAuthority: readFileSync(new URL('private-ca.pem', import.meta.url), 'utf8'),
      adminSecret: Secret.fromSecretNameV2(this, 'AdminSecret', 'milvus-admin'),
      vpc: Vpc.fromVpcAttributes(this, 'Vpc', {
        vpcId: 'vpc-0123456789abcdef0',
        availabilityZones: ['us-west-2a'],
      }),
      vpcSubnets: {
        subnets: [
          Subnet.fromSubnetAttributes(this, 'Subnet', {
            subnetId: 'subnet-0123456789abcdef0',
            availabilityZone: 'us-west-2a',
          }),
        ],
      },
      securityGroups: [SecurityGroup.fromSecurityGroupId(this, 'SecurityGroup', 'sg-0123456789abcdef0')],
    });
  }
}

if (import.meta.main) {
  new SelfHostedStack(new App(), 'SelfHosted');
}
