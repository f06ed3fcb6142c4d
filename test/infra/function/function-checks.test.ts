import { CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { appWithoutBundles, stackOf, templateOf } from '../support/templates.ts';

describe('the admin secret, which the function only reads, is refused', () => {
  const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/admin-Ab12Cd';
  const NAMED: [string, (scope: Construct) => ISecret][] = [
    ['by name', (scope) => Secret.fromSecretNameV2(scope, 'Named', 'milvus/admin')],
    ['by ARN', (scope) => Secret.fromSecretCompleteArn(scope, 'Complete', ARN)],
    ['in the same app', (scope) => new Secret(scope, 'Created', { secretName: 'milvus/admin' }) as ISecret],
  ];

  test.each(NAMED)('below secretNamePrefix: %s', (_, admin) => {
    const withAdmin = (secretNamePrefix: string) => (): unknown =>
      stackOf((scope) => new RotationFunction(scope, 'F', { secretNamePrefix, adminSecret: admin(scope) }));
    expect(withAdmin('milvus/')).toThrow(
      'Test/F: The admin secret milvus/admin is below secretNamePrefix milvus/, so the role of the function could change it. Give an admin secret outside milvus/, or another prefix.',
    );
    expect(withAdmin('milvus/apps/')).not.toThrow();
  });

  test.each(NAMED.flatMap(([a, admin]) => NAMED.map(([b, rotated]) => [a, b, admin, rotated] as const)))(
    'as a rotated secret: %s and %s',
    (_a, _b, admin, rotated) => {
      const act = (): unknown =>
        stackOf((scope) =>
          new RotationFunction(scope, 'F', { adminSecret: admin(scope) }).allowRotationOf(
            rotated(new Construct(scope, 'Rotated')),
          ),
        );
      expect(act).toThrow(
        'Test/F: The admin secret milvus/admin cannot be one of the rotated secrets, because the function only reads it. Give another admin secret, or use another RotationFunction for this secret.',
      );
    },
  );

  test('and the role denies every change of it, also if its name is unknown at synth', () => {
    const stack = stackOf((scope) => {
      const parameter = new CfnParameter(scope, 'AdminArn').valueAsString;
      const adminSecret = Secret.fromSecretCompleteArn(scope, 'Admin', parameter);
      new RotationFunction(scope, 'F', { secretNamePrefix: 'milvus/', adminSecret });
    });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Effect: 'Deny',
            Action: ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'],
            Resource: { Ref: 'AdminArn' },
          },
        ]),
      },
    });
  });

  test('but not for a secret of the same name in another account', () => {
    const act = (account: string) => (): void => {
      const stack = new Stack(appWithoutBundles(), 'Test', { env: { account, region: 'us-east-1' } });
      const adminSecret = Secret.fromSecretCompleteArn(stack, 'Admin', ARN);
      new RotationFunction(stack, 'Folder', { secretNamePrefix: 'milvus/', adminSecret });
      const rotated = Secret.fromSecretNameV2(stack, 'Rotated', 'milvus/admin');
      new RotationFunction(stack, 'F', { adminSecret }).allowRotationOf(rotated);
    };
    expect(act('444455556666')).not.toThrow();
    expect(act('123456789012')).toThrow('is below secretNamePrefix milvus/');
  });
});

test('values that are unknown at synth are accepted', () => {
  const known = (scope: Construct, name: string): string => new CfnParameter(scope, name).valueAsString;
  const template = templateOf((scope) => {
    const rotationFunction = new RotationFunction(scope, 'F', {
      clusterEndpoint: known(scope, 'Endpoint'),
      allowedEndpoints: [known(scope, 'Host')],
      certificateAuthority: known(scope, 'Authority'),
      memorySize: new CfnParameter(scope, 'Memory', { type: 'Number' }).valueAsNumber,
      timeout: Duration.seconds(new CfnParameter(scope, 'Timeout', { type: 'Number' }).valueAsNumber),
    });
    const username = known(scope, 'User');
    const secretName = known(scope, 'Name');
    new CredentialRotation(scope, 'R', { rotationFunction, endpoint: known(scope, 'Other'), username, secretName });
  });
  template.hasResourceProperties('AWS::Lambda::Function', {
    MemorySize: { Ref: 'Memory' },
    Timeout: { Ref: 'Timeout' },
  });
  template.hasResourceProperties('AWS::SecretsManager::Secret', { Name: { Ref: 'Name' } });
});

test('if the allowed hosts are unknown at synth, only the form of an endpoint is checked', () => {
  const withEndpoint = (clusterEndpoint: string) => (): unknown =>
    templateOf((scope) => {
      const allowedEndpoints = [new CfnParameter(scope, 'Host').valueAsString];
      new RotationFunction(scope, 'F', { allowedEndpoints, clusterEndpoint });
      new CredentialRotation(scope, 'R', { allowedEndpoints, endpoint: clusterEndpoint, username: 'orders' });
    });
  expect(withEndpoint('https://milvus.example.com')).not.toThrow();
  expect(withEndpoint('milvus.example.com')).toThrow('The endpoint is not an address.');
});
