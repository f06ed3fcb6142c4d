import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CredentialRotation, RotationAlarms, RotationFunction } from '../../../infra/index.ts';

/** A function with everything that an owner may bring along. */
const app = new App();
const context = (key: string): string => String(app.node.getContext(key));
const stack = new Stack(app, 'FunctionProps');
const proxy = context('proxy');

const rotationFunction = new RotationFunction(stack, 'RotationFunction', {
  allowedEndpoints: ['127.0.0.1', 'localhost'],
  architecture: Architecture.X86_64,
  functionName: 'team-rotation',
  role: new Role(stack, 'TeamRole', {
    roleName: 'team-rotation',
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  }),
  environment: { http_proxy: proxy, https_proxy: proxy },
  layers: [LayerVersion.fromLayerVersionArn(stack, 'Layer', context('layer'))],
});
new CredentialRotation(stack, 'Rotation', {
  rotationFunction,
  secret: Secret.fromSecretNameV2(stack, 'Secret', context('secret')),
});
// With a placeholder, whose first test must raise no alarm.
new CredentialRotation(stack, 'Created', {
  rotationFunction,
  secretName: context('created'),
  endpoint: context('endpoint'),
  username: 'created',
});
const { overdueCheck } = new RotationAlarms(stack, 'Alarms', {
  rotationFunction,
  topic: Topic.fromTopicArn(stack, 'Topic', context('topic')),
});
new CfnOutput(stack, 'FunctionArn', { value: rotationFunction.function.functionArn });
new CfnOutput(stack, 'OverdueCheckArn', { value: overdueCheck.function.functionArn });
