import { Cluster, FargateService, type IBaseService } from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import {
  CrossAccountRotation,
  type CrossAccountRotationProps,
  type IRotationFunction,
  RotationFunction,
  type RotationFunctionAttributes,
} from '../../../infra/index.ts';
import { ENDPOINT } from './templates.ts';

export const FUNCTION_ARN = 'arn:aws:lambda:us-west-2:123456789012:function:rotation';

/** A function and its role in another account. */
export const OTHER_FUNCTION = {
  functionArn: 'arn:aws:lambda:us-west-2:444455556666:function:rotation',
  roleArn: 'arn:aws:iam::444455556666:role/rotation',
};

export const CLUSTER_ARN = 'arn:aws:ecs:us-west-2:123456789012:cluster/shop';
export const SERVICE_ARN = 'arn:aws:ecs:us-west-2:123456789012:service/shop/orders';

/** The function that another app has deployed. */
export function deployedFunction(scope: Construct, attrs: Partial<RotationFunctionAttributes> = {}): IRotationFunction {
  return RotationFunction.fromRotationFunctionAttributes(scope, 'D', { functionArn: FUNCTION_ARN, ...attrs });
}

/** A new secret that the function of another account rotates. */
export function crossAccountRotation(
  scope: Construct,
  id: string,
  props: Partial<CrossAccountRotationProps> = {},
): CrossAccountRotation {
  const encryptionKey = props.encryptionKey ?? new Key(scope, 'Key');
  const secret = { secretName: 'milvus/orders', endpoint: ENDPOINT, username: 'orders' };
  return new CrossAccountRotation(scope, id, { ...secret, ...OTHER_FUNCTION, ...props, encryptionKey });
}

export function ecsServiceIn(scope: Construct): IBaseService {
  const cluster = Cluster.fromClusterArn(scope, 'Cluster', CLUSTER_ARN);
  return FargateService.fromFargateServiceAttributes(scope, 'Service', { cluster, serviceArn: SERVICE_ARN });
}
