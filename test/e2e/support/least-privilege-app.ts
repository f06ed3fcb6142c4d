import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { CredentialRotation, RotationAlarms, RotationFunction } from '../../../infra/index.ts';

/** Resources that exist before the stack. */
export interface ExistingResources {
  /**
   * Secrets with the customer managed key. An admin may reset only a user whose secret is pinned.
   */
  readonly secrets: ReadonlyArray<{ name: string; pinned: { endpoint: string; username: string } | undefined }>;
  readonly secretKeyArn: string;
  readonly adminSecretArn: string;
  readonly adminKeyArn: string;
}

/**
 * Every construct that creates a policy, with every prop that adds a statement, except
 * `secretNamePrefix`, `secretAccounts` and `vpc`, whose statements test/infra checks.
 */
const app = new App();
const existing = JSON.parse(String(app.node.getContext('existing'))) as ExistingResources;
const stack = new Stack(app, 'LeastPrivilege');

const rotationFunction = new RotationFunction(stack, 'RotationFunction', {
  allowedEndpoints: ['127.0.0.1', 'localhost'],
  adminSecret: Secret.fromSecretAttributes(stack, 'Admin', {
    secretCompleteArn: existing.adminSecretArn,
    encryptionKey: Key.fromKeyArn(stack, 'AdminKey', existing.adminKeyArn),
  }),
});
const encryptionKey = Key.fromKeyArn(stack, 'SecretKey', existing.secretKeyArn);
for (const { name, pinned } of existing.secrets) {
  const secret = Secret.fromSecretNameV2(stack, `Secret-${name}`, name);
  new CredentialRotation(stack, `Rotation-${name}`, { rotationFunction, secret, encryptionKey, ...pinned });
}
const { topic, overdueCheck } = new RotationAlarms(stack, 'Alarms', { rotationFunction });

new CfnOutput(stack, 'RotationFunctionArn', { value: rotationFunction.function.functionArn });
new CfnOutput(stack, 'OverdueCheckArn', { value: overdueCheck.function.functionArn });
new CfnOutput(stack, 'TopicArn', { value: topic.topicArn });
