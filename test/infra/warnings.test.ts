import { Annotations, Match } from 'aws-cdk-lib/assertions';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { expect, test } from 'vitest';
import { ClusterPrivateLink, type ClusterPrivateLinkProps, CredentialRotation } from '../../infra/index.ts';
import { deployedFunction } from './support/constructs.ts';
import { ENDPOINT, stackOf, vpcIn } from './support/templates.ts';

const USER = { endpoint: ENDPOINT, username: 'orders' };
const named = (scope: Construct, name: string): ISecret => Secret.fromSecretNameV2(scope, `Secret-${name}`, name);

const link = (scope: Construct, vpc: IVpc, props: Partial<ClusterPrivateLinkProps> = {}): ClusterPrivateLink => {
  const serviceName = 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0';
  return new ClusterPrivateLink(scope, 'Link', { vpc, serviceName, endpoints: [ENDPOINT], ...props });
};

/** A rule for the events of a deployed function. */
const imported = (rotatedEvents: { rotatedEvents?: boolean }) => (scope: Construct) => {
  const rotationFunction = deployedFunction(scope, { secretNamePrefix: 'milvus/', ...rotatedEvents });
  const secret = named(scope, 'milvus/orders');
  new CredentialRotation(scope, 'R', { rotationFunction, secret }).onRotated('Restart');
};

test.each<[string, (scope: Construct) => void, string[]]>([
  ['a secret without a name', (scope) => new CredentialRotation(scope, 'R', USER), ['unnamedSecret']],
  ['a secret with a name', (scope) => new CredentialRotation(scope, 'R', { ...USER, secretName: 'orders' }), []],
  [
    'a second function of a stack',
    (scope) => ['a', 'b'].map((name) => new CredentialRotation(scope, name, { secret: named(scope, name) })),
    ['functionForEachSecret'],
  ],
  ['a private link', (scope) => link(scope, vpcIn(scope)), ['privateLinkWithoutClients']],
  ['a private link for nobody else', (scope) => link(scope, vpcIn(scope), { allowFrom: [] }), []],
  ['events of a deployed function', imported({}), ['importedFunctionNeedsEvents']],
  [
    'events of a deployed function that sends none',
    imported({ rotatedEvents: false }),
    ['importedFunctionNeedsEvents'],
  ],
  ['events of a deployed function that sends them', imported({ rotatedEvents: true }), []],
])('synth warns only of what a person can change: %s', (_, build, ids) => {
  const annotations = Annotations.fromStack(stackOf(build));
  const found = [...annotations.findWarning('*', Match.anyValue()), ...annotations.findInfo('*', Match.anyValue())];
  const own = found.flatMap(({ entry }) => /zilliz-secret-rotation:(\w+)/.exec(String(entry.data))?.[1] ?? []);
  expect(own).toEqual(ids);
});
