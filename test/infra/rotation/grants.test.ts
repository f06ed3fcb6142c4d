import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { beforeEach, describe, expect, it } from 'vitest';
import { evaluate } from '../../../build/release/template/evaluate.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../../../infra/rotation/credential-rotation-props.ts';
import { crossAccountRotation, deployedFunction } from '../support/constructs.ts';
import { appWithoutBundles } from '../support/templates.ts';

const KEY = 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const SECRET_ARN = 'arn:aws:secretsmanager:us-west-2:111122223333:secret:milvus/orders-??????';
const read = (page: string): string => readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8');
const [, PAGE = ''] = read('docs/cli.md').split('\n## Permissions\n');
const [, DOCUMENTED = ''] = /```json\n([\s\S]*?)```/.exec(read('packages/client/README.md')) ?? [];
const documented = JSON.parse(DOCUMENTED) as { Statement: Statement[] };

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

let stack: Stack;
let role: Role;

beforeEach(() => {
  stack = new Stack(appWithoutBundles(), 'Application', { env: { account: '111122223333', region: 'us-west-2' } });
  role = new Role(stack, 'OrdersRole', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
});

function rotationWith(props: CredentialRotationProps = {}): CredentialRotation {
  const secret = Secret.fromSecretNameV2(stack, 'Orders', 'milvus/orders');
  return new CredentialRotation(stack, 'Rotation', { secret, ...props });
}

const withKey = () => rotationWith({ encryptionKey: Key.fromKeyArn(stack, 'Key', KEY) });

/** The statements of the role. An attribute has the id of its resource as value. */
function statements(): Statement[] {
  const template = Template.fromStack(stack);
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  const [, policy] = policies.find(([id]) => id.startsWith('OrdersRole')) ?? [];
  const ids = Object.keys(template.toJSON()['Resources'] as object);
  const pseudo = { 'AWS::Partition': 'aws', 'AWS::URLSuffix': 'amazonaws.com', 'AWS::Region': 'us-west-2' };
  const values = Object.fromEntries(ids.flatMap((id) => [id, `${id}.Arn`].map((name) => [name, id])));
  const { Statement } = evaluate(policy?.['Properties'].PolicyDocument, {}, { ...pseudo, ...values }) as {
    Statement: Statement[];
  };
  return Statement;
}

describe('grantConsume', () => {
  it('allows exactly the policy in the README of the client, for a secret with a customer managed key', () => {
    withKey().grantConsume(role);
    expect(statements()).toEqual(documented.Statement);
  });

  it('allows no key for the AWS managed key', () => {
    rotationWith().grantConsume(role).assertSuccess();
    expect(statements()).toEqual(documented.Statement.slice(0, 2));
  });

  it('allows the value by stage and its key for a secret that another account rotates', () => {
    crossAccountRotation(stack, 'Rotation').grantConsume(role);
    expect(statements().map(({ Action }) => Action)).toEqual(documented.Statement.map(({ Action }) => Action));
  });
});

const isOfKey = ({ Action }: Statement): boolean => Action === 'kms:Decrypt';

describe('grantRotate', () => {
  /** The actions that `zilliz-rotation rotate SECRET` always needs, and on what. */
  const rows = [...PAGE.matchAll(/^\| (`.*) \|$/gm)].map(([, row = '']) => row.split('|').map((cell) => cell.trim()));
  const NEEDED = rows.filter(([, , needing = '']) => /^all$|\brotate\b/.test(needing));

  it('allows exactly what the command rotate needs, without a condition on the stage, and the key', () => {
    withKey().grantRotate(role).assertSuccess();
    const [ofKey, ...others] = statements().toSorted((a, b) => Number(isOfKey(b)) - Number(isOfKey(a)));
    const allowed = others.flatMap(({ Action, Resource }) => [Action].flat().map((action) => [action, Resource]));
    const ofFunction = expect.stringMatching(/^RotationRotationFunction[0-9A-F]{8}$/) as unknown;
    const needed = NEEDED.map(([action = '', on]) => [
      action.replaceAll('`', ''),
      on === 'the function' ? ofFunction : SECRET_ARN,
    ]);
    expect(needed).toHaveLength(4);
    expect(allowed.toSorted()).toEqual(needed.toSorted());
    expect(ofKey).toEqual({
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: KEY,
      Condition: {
        StringEquals: { 'kms:ViaService': 'secretsmanager.us-west-2.amazonaws.com' },
        StringLike: { 'kms:EncryptionContext:SecretARN': SECRET_ARN },
      },
    });
  });

  it('allows RotateSecret only with the schedule and the function that the secret has', () => {
    withKey().grantRotate(role);
    const conditions = statements().flatMap(({ Action, Condition }) =>
      Action === 'secretsmanager:RotateSecret' ? [Condition] : [],
    );
    expect(conditions).toEqual([
      {
        BoolIfExists: { 'secretsmanager:ModifyRotationRules': 'false' },
        ArnEqualsIfExists: { 'secretsmanager:RotationLambdaARN': expect.stringMatching(/^RotationRotationFunction/) },
      },
    ]);
  });

  it('allows to invoke a deployed function of another app', () => {
    const functionArn = 'arn:aws:lambda:us-west-2:111122223333:function:rotation';
    const rotationFunction = deployedFunction(stack, { functionArn, secretNamePrefix: 'milvus/' });
    rotationWith({ rotationFunction }).grantRotate(role);
    expect(statements()).toContainEqual({ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: functionArn });
  });
});
