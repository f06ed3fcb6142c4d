// One function in the account of the platform team rotates a secret in the account of an application. docs/multi-account.md says why in this order:
//
// 1. The application's account makes the key:       cdk deploy Application
// 2. The platform's account makes the function:     cdk deploy Platform -c keyArn=…
// 3. The application's account, the secret:         cdk deploy Application -c functionArn=… -c roleArn=…
//
// The ARNs are the outputs of the step before. Keep them in the "context" of cdk.json: a deployment without them takes out what they made.
import { App, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
// In your own app: from 'zilliz-secret-rotation'
import { CrossAccountRotation, RotationFunction } from '../../infra/index.ts';

const REGION = 'us-west-2';
const APPLICATION = '111122223333';
const PLATFORM = '444455556666';

export class PlatformStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & { keyArn: string }) {
    super(scope, id, props);

    const rotationFunction = new RotationFunction(this, 'RotationFunction', { secretAccounts: [APPLICATION] });
    rotationFunction.allowRotationOf(
      // Without the six characters at its end, which nobody knows yet.
      Secret.fromSecretPartialArn(
        this,
        'Orders',
        `arn:aws:secretsmanager:${REGION}:${APPLICATION}:secret:milvus/orders`,
      ),
      Key.fromKeyArn(this, 'OrdersKey', props.keyArn),
    );
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
        secretName: 'milvus/orders',
        endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
        username: 'orders',
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
