import { readFileSync } from 'node:fs';
import { type App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../build/release/template/evaluate.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { CrossAccountRotation } from '../../../infra/rotation/cross-account-rotation.ts';
import { appWithoutBundles } from '../support/templates.ts';

const KEY = 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const README = readFileSync(new URL('../../../packages/client/README.md', import.meta.url), 'utf8');
const [, DOCUMENTED = ''] = /```json\n([\s\S]*?)```/.exec(README) ?? [];

function stackOf(app: App): Stack {
  return new Stack(app, 'Application', { env: { account: '111122223333', region: 'us-west-2' } });
}

function rotationOf(stack: Stack): CredentialRotation {
  return new CredentialRotation(stack, 'Rotation', {
    secret: Secret.fromSecretNameV2(stack, 'Orders', 'milvus/orders'),
    encryptionKey: Key.fromKeyArn(stack, 'Key', KEY),
  });
}

function roleOf(stack: Stack): Role {
  return new Role(stack, 'OrdersRole', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
}

/** The policy of the application's role. An attribute has the id of its resource as value. */
function policyOf(stack: Stack): unknown {
  const template = Template.fromStack(stack);
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  const [, policy] = policies.find(([id]) => id.startsWith('OrdersRole')) ?? [];
  const ids = Object.keys(template.toJSON()['Resources'] as object);
  return evaluate(
    policy?.['Properties'].PolicyDocument,
    {},
    {
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::Region': 'us-west-2',
      ...Object.fromEntries(ids.flatMap((id) => [id, `${id}.Arn`].map((name) => [name, id]))),
    },
  );
}

describe('grantConsume', () => {
  it('allows exactly the policy in the README of the client, for a secret with a customer managed key', () => {
    const stack = stackOf(appWithoutBundles());
    rotationOf(stack).grantConsume(roleOf(stack));
    expect(policyOf(stack)).toEqual(JSON.parse(DOCUMENTED));
  });

  it('allows no key for the AWS managed key', () => {
    const stack = stackOf(appWithoutBundles());
    const rotation = new CredentialRotation(stack, 'Rotation', {
      secret: Secret.fromSecretNameV2(stack, 'Orders', 'milvus/orders'),
    });
    rotation.grantConsume(roleOf(stack)).assertSuccess();
    const documented = JSON.parse(DOCUMENTED) as { Statement: unknown[] };
    expect(policyOf(stack)).toEqual({ ...documented, Statement: documented.Statement.slice(0, 2) });
  });

  it('allows the value by stage and its key for a secret that another account rotates', () => {
    const stack = stackOf(appWithoutBundles());
    const rotation = new CrossAccountRotation(stack, 'Rotation', {
      secretName: 'milvus/orders',
      endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
      username: 'orders',
      encryptionKey: new Key(stack, 'Key'),
      functionArn: 'arn:aws:lambda:us-west-2:444455556666:function:rotation',
      roleArn: 'arn:aws:iam::444455556666:role/rotation',
    });
    rotation.grantConsume(roleOf(stack));
    const { Statement } = policyOf(stack) as { Statement: { Action: string }[] };
    expect(Statement.map(({ Action }) => Action)).toEqual([
      'secretsmanager:GetSecretValue',
      'secretsmanager:DescribeSecret',
      'kms:Decrypt',
    ]);
  });
});

describe('grantRotate', () => {
  /** The rows of docs/cli.md, section Permissions, with `yes` for `rotate`. */
  const NEEDED = [
    { action: 'lambda:InvokeFunction', resource: 'the function' },
    ...['DescribeSecret', 'GetSecretValue', 'RotateSecret'].map((action) => ({
      action: `secretsmanager:${action}`,
      resource: 'the secret',
    })),
  ];
  const SECRET_ARN = 'arn:aws:secretsmanager:us-west-2:111122223333:secret:milvus/orders-??????';

  it('allows exactly what the command rotate needs, without a condition on the stage, and the key', () => {
    const stack = stackOf(appWithoutBundles());
    rotationOf(stack).grantRotate(roleOf(stack)).assertSuccess();
    const { Statement } = policyOf(stack) as { Statement: Statement[] };
    const allowed = Statement.filter(({ Condition }) => Condition === undefined).flatMap(({ Action, Resource }) =>
      [Action].flat().map((action) => ({ action, resource: Resource })),
    );
    const ofFunction = expect.stringMatching(/^RotationRotationFunction[0-9A-F]{8}$/) as unknown;
    const needed = NEEDED.map(({ action, resource }) => ({
      action,
      resource: resource === 'the secret' ? SECRET_ARN : ofFunction,
    }));
    expect(allowed.toSorted(byAction)).toEqual(needed.toSorted(byAction));
    expect(Statement.filter(({ Condition }) => Condition !== undefined)).toEqual([
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: KEY,
        Condition: {
          StringEquals: { 'kms:ViaService': 'secretsmanager.us-west-2.amazonaws.com' },
          StringLike: { 'kms:EncryptionContext:SecretARN': SECRET_ARN },
        },
      },
    ]);
  });

  it('allows to invoke a deployed function of another app', () => {
    const stack = stackOf(appWithoutBundles());
    const functionArn = 'arn:aws:lambda:us-west-2:111122223333:function:rotation';
    const rotationFunction = RotationFunction.fromRotationFunctionAttributes(stack, 'Deployed', {
      functionArn,
      secretNamePrefix: 'milvus/',
    });
    const secret = Secret.fromSecretNameV2(stack, 'Orders', 'milvus/orders');
    new CredentialRotation(stack, 'Rotation', { secret, rotationFunction }).grantRotate(roleOf(stack));
    const { Statement } = policyOf(stack) as { Statement: Statement[] };
    expect(Statement).toContainEqual({ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: functionArn });
  });
});

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

function byAction(a: { readonly action: string }, b: { readonly action: string }): number {
  return a.action.localeCompare(b.action);
}
