import { generateKeyPairSync } from 'node:crypto';
import { Aws, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { RotationPropsError } from '../../../infra/errors.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { appWithoutBundles, CERTIFICATE_AUTHORITY, stackOf, templateOf } from '../support/templates.ts';

const endpoint = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530';

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

test('secretKeys without secretNamePrefix are an error', () => {
  expect(() => stackOf((scope) => new RotationFunction(scope, 'F', { secretKeys: [new Key(scope, 'Key')] }))).toThrow(
    'Test/F: secretKeys needs secretNamePrefix, because the keys encrypt the secrets under that prefix.',
  );
});

test('a name prefix that is unknown at synth is an error', () => {
  expect(() =>
    stackOf((scope) => new RotationFunction(scope, 'F', { secretNamePrefix: `${Aws.STACK_NAME}/` })),
  ).toThrow('secretNamePrefix is unknown at synth');
});

test('a secret outside the name prefix is an error at synth', () => {
  const withPrefix = (scope: Construct): RotationFunction =>
    new RotationFunction(scope, 'RotationFunction', { secretNamePrefix: 'milvus/' });
  expect(() =>
    stackOf((scope) => withPrefix(scope).allowRotationOf(Secret.fromSecretNameV2(scope, 'Secret', 'postgres/orders'))),
  ).toThrow(
    'postgres/orders is outside milvus/, but the function may rotate only secrets whose name begins with milvus/.',
  );
  expect(() =>
    stackOf(
      (scope) => new CredentialRotation(scope, 'R', { rotationFunction: withPrefix(scope), endpoint, username: 'u' }),
    ),
  ).toThrow('A secret without a fixed name is outside milvus/');
});

test.each(['milvus', '*/', ''])('the name prefix %j is an error', (secretNamePrefix) => {
  expect(() => stackOf((scope) => new RotationFunction(scope, 'RotationFunction', { secretNamePrefix }))).toThrow(
    'Write a folder that ends in a slash, such as milvus/.',
  );
});

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

  test('as a new secret', () => {
    expect(() =>
      stackOf((scope) => {
        const adminSecret = Secret.fromSecretNameV2(scope, 'Admin', 'milvus/admin');
        new CredentialRotation(scope, 'R', { endpoint, username: 'u', secretName: 'milvus/admin', adminSecret });
      }),
    ).toThrow('The admin secret milvus/admin cannot be one of the rotated secrets');
  });

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

describe('the construct applies the rules of the configuration file', () => {
  test.each([
    [{ clusterEndpoint: 'in01.zillizcloud.com' }, 'clusterEndpoint: "in01.zillizcloud.com" The endpoint is not an'],
    [{ clusterEndpoint: 'http://in01.zillizcloud.com' }, 'would carry passwords in plain text'],
    [{ clusterEndpoint: 'https://milvus.example.com' }, 'milvus.example.com is not an allowed endpoint. Allowed: .z'],
    [
      { clusterEndpoint: endpoint, allowedEndpoints: ['.example.com'] },
      'is not an allowed endpoint. Allowed: .example',
    ],
    [
      { allowedEndpoints: ['a.example.com', 'https://host:19530'] },
      'allowedEndpoints[1]: "https://host:19530" Write a',
    ],
    [{ allowedEndpoints: ['*.example.com'] }, 'allowedEndpoints[0]: "*.example.com" Write a host (milvus.example.com)'],
    [{ allowedEndpoints: [] }, 'allowedEndpoints: [] An empty list allows no cluster.'],
    [
      { certificateAuthority: 'private-ca.pem' },
      'certificateAuthority: The text contains no certificate. Give the text of a PEM file',
    ],
    [
      { tags: { 'aws:team': 'search' } },
      'tags: "aws:…" A tag key has 1 to 128 characters and does not start with aws:',
    ],
    [{ secretAccounts: ['1234'] }, 'secretAccounts[0]: "1234" Write the 12 digits of an account.'],
    [{ secretAccounts: ['111122223333', '111122223333'] }, 'secretAccounts names 111122223333 twice.'],
    [{ secretAccounts: [Aws.ACCOUNT_ID] }, 'An account in secretAccounts is unknown at synth'],
  ])('%j is an error', (props, message) => {
    const create = (): unknown => stackOf((scope) => new RotationFunction(scope, 'F', props));
    expect(create).toThrow(RotationPropsError);
    expect(create).toThrow(message);
  });

  test('a private key is an error, because the template would show it, and the message does not show it', () => {
    const { privateKey } = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const refusal = messageOf(() =>
      stackOf(
        (scope) => new RotationFunction(scope, 'F', { certificateAuthority: `${CERTIFICATE_AUTHORITY}${privateKey}` }),
      ),
    );
    expect(refusal).toBe(
      'Test/F: certificateAuthority: The text contains a private key, which must stay secret. Give only the certificate of the authority.',
    );
  });

  test('a credential as a user or an endpoint is an error, and the message hides the password', () => {
    const secret = (scope: Construct): ISecret => Secret.fromSecretNameV2(scope, 'Secret', 'orders');
    for (const build of [
      (scope: Construct) => new CredentialRotation(scope, 'R', { endpoint, username: 'orders:Hunter2!' }),
      (scope: Construct) => new CredentialRotation(scope, 'R', { secret: secret(scope), username: 'orders:Hunter2!' }),
      (scope: Construct) =>
        new RotationFunction(scope, 'F', { clusterEndpoint: 'https://orders:Hunter2!@a.zillizcloud.com' }),
    ]) {
      const refusal = messageOf(() => stackOf(build));
      expect(refusal).toMatch(
        /username: "orders:…" A cluster user starts|clusterEndpoint: "https:\/\/…@a\.z.* holds a user/,
      );
      expect(refusal).not.toContain('Hunter2');
    }
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
