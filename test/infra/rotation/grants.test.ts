import { readFileSync } from 'node:fs';
import { type App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { CrossAccountRotation } from '../../../infra/rotation/cross-account-rotation.ts';
import { appWithoutBundles } from '../support/templates.ts';

const KEY = 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const README = readFileSync(new URL('../../../packages/client/README.md', import.meta.url), 'utf8');
const [, DOCUMENTED = ''] = /```json\n([\s\S]*?)```/.exec(README) ?? [];

function stackOf(app: App): Stack {
  return new Stack(app, 'Application', { env: { account: '111122223333', region: 'us-west-2' } });
}

function roleOf(stack: Stack): Role {
  return new Role(stack, 'OrdersRole', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
}

/** The policy of the application's role, with the names of the commercial partition. */
function policyOf(stack: Stack): unknown {
  const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  const [, policy] = policies.find(([id]) => id.startsWith('OrdersRole')) ?? [];
  const text = JSON.stringify(policy?.['Properties'].PolicyDocument, (_key, value: unknown) => {
    const { Ref, 'Fn::Join': join } = (value ?? {}) as { Ref?: string; 'Fn::Join'?: [string, string[]] };
    const names: Record<string, string> = {
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::Region': 'us-west-2',
    };
    return Ref !== undefined && Ref in names ? names[Ref] : (join ?? value);
  });
  return JSON.parse(text, (_key, value: unknown) =>
    Array.isArray(value) && value.length === 2 && value[0] === '' && Array.isArray(value[1])
      ? value[1].join('')
      : value,
  );
}

describe('grantConsume', () => {
  it('allows exactly the policy in the README of the client, for a secret with a customer managed key', () => {
    const stack = stackOf(appWithoutBundles());
    const rotation = new CredentialRotation(stack, 'Rotation', {
      secret: Secret.fromSecretNameV2(stack, 'Orders', 'milvus/orders'),
      encryptionKey: Key.fromKeyArn(stack, 'Key', KEY),
    });
    rotation.grantConsume(roleOf(stack));
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
