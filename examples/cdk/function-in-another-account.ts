// One function in the account of the platform team rotates a secret in the account of an application. docs/multi-account.md says why in this order:
//
// 1. The application's account: ApplicationStack without `rotation`, which makes the key.
// 2. The platform's account: PlatformStack, with the ARN of that key.
// 3. The application's account again: ApplicationStack with `rotation`, from the outputs of PlatformStack.
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
  new PlatformStack(scope, 'Platform', {
    env: { account: PLATFORM, region: REGION },
    keyArn: `arn:aws:kms:${REGION}:${APPLICATION}:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
  });
  new ApplicationStack(scope, 'Application', {
    env: { account: APPLICATION, region: REGION },
    rotation: {
      functionArn: `arn:aws:lambda:${REGION}:${PLATFORM}:function:Platform-RotationFunction-Ab12Cd34Ef56`,
      roleArn: `arn:aws:iam::${PLATFORM}:role/Platform-RotationFunctionRole-Ab12Cd34Ef56`,
    },
  });
}

if (import.meta.main) {
  bothAccounts(new App());
}
