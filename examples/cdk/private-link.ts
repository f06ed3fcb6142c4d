// A cluster that is reachable only through PrivateLink, from a VPC without internet access.
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { ClusterPrivateLink, CredentialRotation, RotationAlarms } from '../../infra/index.ts';

export class PrivateLinkStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // The interface endpoints and the function are in the private subnets. Vpc.fromLookup can find
    // the VPC by its name or its tags.
    const vpc = Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['us-west-2a', 'us-west-2b'],
      privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
    });

    // Register the new VPC endpoint in the Zilliz Cloud console, under "Private Endpoint".
    const privateLink = new ClusterPrivateLink(this, 'PrivateLink', {
      vpc,
      serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
      endpoints: ['https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530'],
      // In this VPC, the name of the cluster now leads to the interface endpoint, which refuses
      // all other clients.
      allowFrom: [SecurityGroup.fromSecurityGroupId(this, 'Application', 'sg-0123456789abcdef0')],
    });

    const { rotationFunction } = new CredentialRotation(this, 'Orders', {
      secret: Secret.fromSecretNameV2(this, 'OrdersSecret', 'private/milvus/orders'),
      vpc,
      securityGroups: [privateLink.securityGroup],
    });

    const { topic } = new RotationAlarms(this, 'Alarms', { rotationFunction });
    topic.addSubscription(new EmailSubscription('oncall@example.com'));
  }
}

if (import.meta.main) {
  new PrivateLinkStack(new App(), 'PrivateLink');
}
