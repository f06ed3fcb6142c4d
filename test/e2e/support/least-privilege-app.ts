import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CredentialRotation, RotationAlarms, RotationFunction } from '../../../infra/index.ts';

/**
 * Every construct that creates a policy, with every prop that adds a statement, except
 * `secretNamePrefix`, `secretAccounts` and `vpc`, whose statements test/infra checks.
 */
const app = new App();
const context = (key: string): string => String(app.node.getContext(key));
const stack = new Stack(app, 'LeastPrivilege');

const rotationFunction = new RotationFunction(stack, 'RotationFunction', {
  allowedEndpoints: ['127.0.0.1', 'localhost'],
  adminSecret: Secret.fromSecretAttributes(stack, 'Admin', {
    secretCompleteArn: context('adminSecretArn'),
    encryptionKey: Key.fromKeyArn(stack, 'AdminKey', context('adminKeyArn')),
  }),
  managerSecret: Secret.fromSecretAttributes(stack, 'Manager', {
    secretCompleteArn: context('managerSecretArn'),
    encryptionKey: Key.fromKeyArn(stack, 'ManagerKey', context('managerKeyArn')),
  }),
  controlPlaneUrl: context('controlPlaneUrl'),
  minimumGapMinutes: 0,
  rotatedEvents: true,
});
const encryptionKey = Key.fromKeyArn(stack, 'SecretKey', context('secretKeyArn'));
const rotation = new CredentialRotation(stack, 'Rotation', {
  rotationFunction,
  secret: Secret.fromSecretNameV2(stack, 'Secret', 'milvus/orders'),
  encryptionKey,
  // An admin may reset only a user whose secret is pinned.
  endpoint: context('endpoint'),
  username: context('username'),
});
new CredentialRotation(stack, 'KeyRotation', {
  rotationFunction,
  secret: Secret.fromSecretNameV2(stack, 'KeySecret', 'milvus/key'),
  encryptionKey,
  endpoint: context('keyEndpoint'),
  apiKeyId: context('apiKeyId'),
});
const pipeline = new Role(stack, 'Pipeline', { assumedBy: new AccountRootPrincipal() });
rotation.grantRotate(pipeline);
const { topic, overdueCheck } = new RotationAlarms(stack, 'Alarms', { rotationFunction });

new CfnOutput(stack, 'FunctionArn', { value: rotationFunction.function.functionArn });
new CfnOutput(stack, 'PipelineArn', { value: pipeline.roleArn });
new CfnOutput(stack, 'OverdueCheckArn', { value: overdueCheck.function.functionArn });
new CfnOutput(stack, 'TopicArn', { value: topic.topicArn });
