// A function that another stack or app has deployed rotates the secret of this stack. The pipeline
// of the team may rotate at once, the application reads the credential, and the team has an alarm
// of its own for a cluster that cannot be reached.
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CredentialRotation, RotationFunction } from '../../infra/index.ts';

export class DeployedFunctionStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { functionArn: string }) {
    super(scope, id, props);

    // The platform team has deployed the function with the same prefix.
    const rotationFunction = RotationFunction.fromRotationFunctionAttributes(this, 'RotationFunction', {
      functionArn: props.functionArn,
      secretNamePrefix: 'milvus/',
    });
    const rotation = new CredentialRotation(this, 'Carts', {
      rotationFunction,
      secretName: 'milvus/carts',
      endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
      username: 'carts',
    });

    rotation.grantConsume(new Role(this, 'Application', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
    rotation.grantRotate(new Role(this, 'Pipeline', { assumedBy: new ServicePrincipal('codebuild.amazonaws.com') }));
    rotationFunction
      .metricFailureByCode('CLUSTER_UNREACHABLE')
      .createAlarm(this, 'ClusterUnreachable', { threshold: 3, evaluationPeriods: 1 });
  }
}

if (import.meta.main) {
  new DeployedFunctionStack(new App(), 'DeployedFunction', {
    functionArn: 'arn:aws:lambda:us-west-2:123456789012:function:rotation',
  });
}
