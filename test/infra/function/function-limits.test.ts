import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { evaluate } from '../../../build/release/template/evaluate.ts';
import { inlinePoliciesLength } from '../../../infra/function/function-limits.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import {
  CERTIFICATE_AUTHORITY,
  ENDPOINT,
  propertiesOf,
  stackOf,
  templateOfConfiguration,
  vpcIn,
} from '../support/templates.ts';

const KEY = 'arn:aws:kms:ap-southeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** @param keyArn The customer managed key of all secrets, if any. */
function stackWithSecrets(count: number, keyArn?: string): Stack {
  return stackOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction');
    const key = keyArn === undefined ? undefined : Key.fromKeyArn(scope, 'Key', keyArn);
    for (let index = 0; index < count; index++) {
      const name = `milvus/${String(index).padStart(33, '0')}`;
      rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, name, name), key);
    }
  });
}

/** Characters that IAM counts after deployment, in the region with the longest name. */
function lengthAfterDeployment(stack: Stack): number {
  const template = Template.fromStack(stack);
  const ids = Object.keys(template.toJSON()['Resources'] as object);
  const values = {
    'AWS::AccountId': '123456789012',
    'AWS::Partition': 'aws',
    'AWS::Region': 'ap-southeast-1',
    'AWS::URLSuffix': 'amazonaws.com',
    ...Object.fromEntries(
      ids.flatMap((id) => [
        [id, `arn:aws:secretsmanager:ap-southeast-1:123456789012:secret:${id}-Ab12Cd34Ef56-Ab12Cd`],
        [`${id}.Arn`, `arn:aws:logs:ap-southeast-1:123456789012:log-group:Test-${id}-Ab12Cd34Ef56:*`],
      ]),
    ),
  };
  const documents = propertiesOf(template, 'AWS::IAM::Policy').map((policy) => policy['PolicyDocument'] as unknown);
  return documents.map((document) => JSON.stringify(evaluate(document, {}, values))).join('').length;
}

test.each([
  [84, undefined],
  [41, KEY],
])(
  'the role has space for %i secrets with names of 40 characters and the key %s, but not for one more',
  (most, keyArn) => {
    expect(lengthAfterDeployment(stackWithSecrets(most, keyArn))).toBeLessThanOrEqual(10_240);
    expect(() => Template.fromStack(stackWithSecrets(most + 1, keyArn))).toThrow(
      /inline policies .* would have 10\d{3}/,
    );
  },
);

test('the length at synth is at least the length after deployment', () => {
  const stack = stackOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'RotationFunction', {
      vpc: vpcIn(scope),
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      adminSecret: Secret.fromSecretNameV2(scope, 'Admin', 'milvus-admin'),
    });
    const encryptionKey = new Key(scope, 'Key');
    for (const name of ['A', 'B', 'C']) {
      new CredentialRotation(scope, name, { rotationFunction, endpoint: ENDPOINT, username: name, encryptionKey });
    }
  });
  const length = lengthAfterDeployment(stack);
  expect(length).toBeGreaterThan(1500);
  expect(inlinePoliciesLength(stack)).toBeGreaterThanOrEqual(length);
});

const secretsIn =
  (count: number, others: object = {}) =>
  () =>
    templateOfConfiguration(
      JSON.stringify({
        secrets: Array.from({ length: count }, (_, index) => ({ name: String(index).padStart(40, 'n') })),
        ...others,
      }),
    );
test.each([
  ['of the function, with a name of 40 characters', secretsIn(84), secretsIn(85)],
  ['of the check', secretsIn(81, { monitoring: {} }), secretsIn(82, { monitoring: {} })],
])('the environment %s has space for some secrets', (_, fits, overflows) => {
  expect(fits).not.toThrow();
  expect(overflows).toThrow(/would have \d+ characters/);
});

test('a certificate larger than the environment is an error at synth', () => {
  const certificateAuthority = CERTIFICATE_AUTHORITY.repeat(8);
  const stack = stackOf((scope) => new RotationFunction(scope, 'F', { certificateAuthority }));
  expect(() => Template.fromStack(stack)).toThrow(/environment of the function would have \d+ characters/);
});
