import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Cluster, FargateService } from 'aws-cdk-lib/aws-ecs';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CredentialRotation, RestartEcsService, RotationFunction } from '../../../infra/index.ts';

/** A service that restarts after rotations of two secrets, and a queue that gets their events. */
const app = new App();
const context = (key: string): string => String(app.node.getContext(key));
const stack = new Stack(app, 'RotatedEvent');

const rotationFunction = new RotationFunction(stack, 'RotationFunction', {
  allowedEndpoints: ['127.0.0.1', 'localhost'],
  minimumGapMinutes: 0,
});
const secretOf = (id: string) => Secret.fromSecretNameV2(stack, `${id}Secret`, context(id));
const [first = '', second = ''] = context('users').split(',');
const rotations = [
  new CredentialRotation(stack, 'Single', { rotationFunction, secret: secretOf('single') }),
  new CredentialRotation(stack, 'Pair', {
    rotationFunction,
    secret: secretOf('pair'),
    endpoint: context('endpoint'),
    usernames: [first, second],
  }),
];
const queue = new Queue(stack, 'Events');
const service = FargateService.fromFargateServiceAttributes(stack, 'Service', {
  cluster: Cluster.fromClusterArn(stack, 'Cluster', context('clusterArn')),
  serviceArn: context('serviceArn'),
});
const restart = new RestartEcsService(stack, 'Restart', { service });
for (const rotation of rotations) {
  rotation.onRotated('Watch', { target: new SqsQueue(queue) });
  rotation.onRotated('Restart', { target: restart });
}
new CfnOutput(stack, 'QueueUrl', { value: queue.queueUrl });
new CfnOutput(stack, 'RestartQueueUrl', { value: restart.queue.queueUrl });
new CfnOutput(stack, 'RestartArn', { value: restart.function.functionArn });
