// A function in the platform account rotates a secret in the application account.
// docs/fleets.md explains the order of the steps.
//
// 1. Create the key in the application account:      cdk deploy Application
// 2. Create the function in the platform account:    cdk deploy Platform -c keyArn=…
// 3. Create the secret in the application account:   cdk deploy Application -c functionArn=… -c
//    roleArn=…
//
// The outputs of each step are the ARNs for the next step. Store the ARNs in the "context" of
// cdk.json. A later deployment without them removes the permissions of the function on the secret
// and the key. The secret and its schedule stay.
import { App, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CrossAccountRotation, RotationAlarms, RotationFunction } from '../../infra/index.ts';

const REGION = 'us-west-2';
const APPLICATION = '111122223333';
const PLATFORM = '444455556666';
/** The function refuses another cluster or user, because the other account may write the secret. */
const ORDERS = {
  endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
  username: 'orders',
};

export class PlatformStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { keyArn: string }) {
    super(scope, id, props);

    const rotationFunction = new RotationFunction(this, 'RotationFunction', { secretAccounts: [APPLICATION] });
    // The secret does not exist yet, so the six random characters at the end of its ARN are
    // unknown.
    const orders = Secret.fromSecretPartialArn(
      this,
      'Orders',
      `arn:aws:secretsmanager:${REGION}:${APPLICATION}:secret:milvus/orders`,
    );
    rotationFunction.allowRotationOf(orders, Key.fromKeyArn(this, 'OrdersKey', props.keyArn));
    rotationFunction.pin(this, orders, ORDERS);
    const { topic } = new RotationAlarms(this, 'Alarms', { rotationFunction });
    topic.addSubscription(new EmailSubscription('oncall@example.com'));
    new CfnOutput(this, 'FunctionArn', { value: rotationFunction.function.functionArn });
    new CfnOutput(this, 'RoleArn', { value: rotationFunction.role.roleArn });
  }
}

export class ApplicationStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    props: StackProps & { rotation?: { functionArn: string; roleArn: string } },
  ) {
    super(scope, id, props);

    const encryptionKey = new Key(this, 'Key', { enableKeyRotation: true });
    new CfnOutput(this, 'KeyArn', { value: encryptionKey.keyArn });
    if (props.rotation) {
      new CrossAccountRotation(this, 'Orders', {
        ...ORDERS,
        secretName: 'milvus/orders',
        encryptionKey,
        ...props.rotation,
      });
    }
  }
}

export function bothAccounts(scope: Construct): void {
  const [keyArn, functionArn, roleArn] = ['keyArn', 'functionArn', 'roleArn'].map(
    (key) => scope.node.tryGetContext(key) as string | undefined,
  );
  new ApplicationStack(scope, 'Application', {
    env: { account: APPLICATION, region: REGION },
    ...(functionArn && roleArn && { rotation: { functionArn, roleArn } }),
  });
  if (keyArn) {
    new PlatformStack(scope, 'Platform', { env: { account: PLATFORM, region: REGION }, keyArn });
  }
}

if (import.meta.main) {
  bothAccounts(new App());
}
