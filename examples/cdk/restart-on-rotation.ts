// An ECS service reads its secrets when its tasks start. It restarts after each rotation of one of
// them, at most once a minute. docs/restarts.md#ecs has the limits.
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Cluster, FargateService } from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation, RestartEcsService, RotationAlarms, RotationFunction } from '../../infra/index.ts';

interface RestartOnRotationStackProps extends StackProps {
  readonly clusterArn: string;
  /** With the name of the cluster: `arn:aws:ecs:us-west-2:123456789012:service/shop/orders`. */
  readonly serviceArn: string;
}

export class RestartOnRotationStack extends Stack {
  constructor(scope: Construct, id: string, { clusterArn, serviceArn, ...props }: RestartOnRotationStackProps) {
    super(scope, id, props);

    const rotationFunction = new RotationFunction(this, 'RotationFunction');
    const orders = new CredentialRotation(this, 'Orders', {
      rotationFunction,
      secret: Secret.fromSecretNameV2(this, 'OrdersSecret', 'milvus/orders'),
    });
    const search = new CredentialRotation(this, 'Search', {
      rotationFunction,
      secret: Secret.fromSecretNameV2(this, 'SearchSecret', 'milvus/search'),
    });

    const cluster = Cluster.fromClusterArn(this, 'Cluster', clusterArn);
    const service = FargateService.fromFargateServiceAttributes(this, 'Service', { cluster, serviceArn });
    // One target for all secrets of the service: rotations of the same moment cause one restart.
    const restart = new RestartEcsService(this, 'Restart', { service });
    orders.onRotated('RestartAfterOrders', { target: restart });
    search.onRotated('RestartAfterSearch', { target: restart });

    new RotationAlarms(this, 'Alarms', { rotationFunction });
    const failed = restart.deadLetterQueue.metricApproximateNumberOfMessagesVisible();
    failed.createAlarm(this, 'RestartFailed', { threshold: 1, evaluationPeriods: 1 });
  }
}

if (import.meta.main) {
  new RestartOnRotationStack(new App(), 'RestartOnRotation', {
    clusterArn: 'arn:aws:ecs:us-west-2:123456789012:cluster/shop',
    serviceArn: 'arn:aws:ecs:us-west-2:123456789012:service/shop/orders',
  });
}
