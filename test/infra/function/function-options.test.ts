import { generateKeyPairSync } from 'node:crypto';
import { Aws, CfnParameter, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { RotationPropsError } from '../../../infra/errors.ts';
import { ClusterPrivateLink } from '../../../infra/function/cluster-private-link.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { findingsIn } from '../support/nag.ts';
import { appWithoutBundles, CERTIFICATE_AUTHORITY, stackOf, templateOf, vpcIn } from '../support/templates.ts';

const endpoint = 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530';

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

test('in a VPC, Lambda may make its interfaces and the code of the function may not', () => {
  const template = templateOf((scope) => {
    const vpc = vpcIn(scope);
    new RotationFunction(scope, 'RotationFunction', { vpc, vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED } });
  });
  template.hasResourceProperties('AWS::Lambda::Function', {
    VpcConfig: { SubnetIds: Match.anyValue(), SecurityGroupIds: Match.anyValue() },
  });
  const interfaces = Match.arrayWith(['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface']);
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([Match.objectLike({ Effect: 'Allow', Action: interfaces, Resource: '*' })]),
    },
  });
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Deny',
          Action: interfaces,
          Resource: '*',
          Condition: { ArnEquals: { 'lambda:SourceFunctionArn': { 'Fn::GetAtt': [Match.anyValue(), 'Arn'] } } },
        },
      ],
    },
  });
});

test('a private way to the cluster: its name resolves inside the VPC, and the function gets out to nothing else', () => {
  const template = templateOf((scope) => {
    const vpc = vpcIn(scope);
    const privateLink = new ClusterPrivateLink(scope, 'PrivateLink', {
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
      endpoints: [endpoint],
    });
    new RotationFunction(scope, 'RotationFunction', {
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [privateLink.securityGroup],
    });
  });
  template.hasResourceProperties('AWS::EC2::VPCEndpoint', {
    ServiceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
    PrivateDnsEnabled: false,
  });
  template.hasResourceProperties('AWS::EC2::VPCEndpoint', { PrivateDnsEnabled: true });
  template.hasResourceProperties('AWS::Route53::HostedZone', {
    Name: 'in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com.',
    VPCs: Match.anyValue(),
  });
  template.hasResourceProperties('AWS::Route53::RecordSet', { Type: 'A', AliasTarget: Match.anyValue() });
  const egress = Object.values(template.findResources('AWS::EC2::SecurityGroupEgress')).map(
    (rule) => rule['Properties'].ToPort,
  );
  expect(egress.toSorted()).toEqual([19530, 443]);
});

test('a private way without Secrets Manager, for a VPC that has its endpoint or a NAT gateway', () => {
  templateOf((scope) => {
    new ClusterPrivateLink(scope, 'PrivateLink', {
      vpc: vpcIn(scope),
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
      endpoints: [endpoint],
      secretsManagerEndpoint: false,
    });
  }).resourceCountIs('AWS::EC2::VPCEndpoint', 1);
});

test('an admin credential may be read, and only read', () => {
  const template = templateOf((scope) => {
    const adminSecret = Secret.fromSecretNameV2(scope, 'Admin', 'milvus-admin');
    new RotationFunction(scope, 'RotationFunction', { adminSecret });
  });
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({
          Action: 'secretsmanager:GetSecretValue',
          Resource: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(':secret:milvus-admin-\\?{6}$')])] },
        }),
      ]),
    },
  });
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { ADMIN_SECRET_ARN: Match.anyValue() } },
  });
});

test('a folder of secrets is one statement, however many secrets there are', () => {
  const statementsFor = (count: number): unknown => {
    const template = templateOf((scope) => {
      const rotationFunction = new RotationFunction(scope, 'RotationFunction', { secretNamePrefix: 'milvus/' });
      for (let index = 0; index < count; index++) {
        rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, `Secret${index}`, `milvus/${index}`));
      }
    });
    return template.findResources('AWS::IAM::Policy');
  };
  expect(statementsFor(100)).toEqual(statementsFor(1));
  expect(JSON.stringify(statementsFor(1))).toContain(':secret:milvus/*"');
});

test('keys of a folder are permitted before a secret is under them, and only for that folder', () => {
  const keyArn = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const statementsWith = (secrets: number): unknown[] => {
    const template = templateOf((scope) => {
      const key = Key.fromKeyArn(scope, 'Key', keyArn);
      const rotationFunction = new RotationFunction(scope, 'F', { secretNamePrefix: 'milvus/', secretKeys: [key] });
      for (let index = 0; index < secrets; index++) {
        rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, `Secret${index}`, `milvus/${index}`), key);
      }
    });
    const [policy] = Object.values(template.findResources('AWS::IAM::Policy'));
    const statements = policy?.['Properties'].PolicyDocument.Statement as { Resource: unknown }[];
    return statements.filter(({ Resource }) => Resource === keyArn);
  };
  expect(statementsWith(0)).toEqual([
    expect.objectContaining({
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Condition: expect.objectContaining({
        StringLike: {
          'kms:EncryptionContext:SecretARN': [{ 'Fn::Join': ['', expect.arrayContaining([':secret:milvus/*'])] }],
        },
      }),
    }),
  ]);
  expect(statementsWith(2)).toEqual(statementsWith(0));
});

test('keys of a folder without a folder are refused', () => {
  expect(() => stackOf((scope) => new RotationFunction(scope, 'F', { secretKeys: [new Key(scope, 'Key')] }))).toThrow(
    'Test/F: secretKeys are those of a folder of secrets, and there is none.',
  );
});

test('a secret outside of the folder is refused at synth', () => {
  const inFolder = (scope: Construct): RotationFunction =>
    new RotationFunction(scope, 'RotationFunction', { secretNamePrefix: 'milvus/' });
  expect(() =>
    stackOf((scope) => inFolder(scope).allowRotationOf(Secret.fromSecretNameV2(scope, 'Secret', 'postgres/orders'))),
  ).toThrow('postgres/orders is outside of milvus/, which is all that this function may rotate.');
  expect(() =>
    stackOf(
      (scope) => new CredentialRotation(scope, 'R', { rotationFunction: inFolder(scope), endpoint, username: 'u' }),
    ),
  ).toThrow('A secret without a fixed name is outside of milvus/');
});

test.each(['milvus', '*/', ''])('the prefix %j is no folder', (secretNamePrefix) => {
  expect(() => stackOf((scope) => new RotationFunction(scope, 'RotationFunction', { secretNamePrefix }))).toThrow(
    'Write a folder: a beginning of names that ends in a slash, such as milvus/.',
  );
});

describe('what the configuration file refuses, the construct refuses too', () => {
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
    [{ allowedEndpoints: [] }, 'allowedEndpoints: [] An empty list allows no cluster at all.'],
    [{ certificateAuthority: 'private-ca.pem' }, 'certificateAuthority: It holds no certificate. Expected the text of'],
    [{ tags: { 'aws:team': 'search' } }, 'tags: "aws:…" A key of a tag has 1 to 128 characters and does not begin'],
    [{ secretAccounts: ['1234'] }, 'secretAccounts[0]: "1234" Write the 12 digits of an account.'],
    [{ secretAccounts: ['111122223333', '111122223333'] }, 'secretAccounts names 111122223333 twice.'],
    [{ secretAccounts: [Aws.ACCOUNT_ID] }, 'secretAccounts holds an account that is known at deployment only'],
  ])('%j', (props, message) => {
    const made = (): unknown => stackOf((scope) => new RotationFunction(scope, 'F', props));
    expect(made).toThrow(RotationPropsError);
    expect(made).toThrow(message);
  });

  test('a private key, which would stand in the template for all to read, and is not shown', () => {
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
      'Test/F: certificateAuthority: It holds a private key, which must stay where it is. Give the certificate of the authority alone.',
    );
  });

  test('a credential in place of a user or an endpoint, which is shown up to its password', () => {
    const secret = (scope: Construct): ISecret => Secret.fromSecretNameV2(scope, 'Secret', 'orders');
    for (const build of [
      (scope: Construct) => new CredentialRotation(scope, 'R', { endpoint, username: 'orders:Hunter2!' }),
      (scope: Construct) => new CredentialRotation(scope, 'R', { secret: secret(scope), username: 'orders:Hunter2!' }),
      (scope: Construct) =>
        new RotationFunction(scope, 'F', { clusterEndpoint: 'https://orders:Hunter2!@a.zillizcloud.com' }),
    ]) {
      const refusal = messageOf(() => stackOf(build));
      expect(refusal).toMatch(
        /username: "orders:…" A cluster user begins|clusterEndpoint: "https:\/\/…@a\.z.* holds a user/,
      );
      expect(refusal).not.toContain('Hunter2');
    }
  });
});

test('what only the deployment knows is not judged', () => {
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

test('an endpoint is held to its form alone where only the deployment knows which hosts are allowed', () => {
  const withEndpoint = (one: string) => (): unknown =>
    templateOf((scope) => {
      const allowedEndpoints = [new CfnParameter(scope, 'Host').valueAsString];
      new RotationFunction(scope, 'F', { allowedEndpoints, clusterEndpoint: one });
      new CredentialRotation(scope, 'R', { allowedEndpoints, endpoint: one, username: 'orders' });
    });
  expect(withEndpoint('https://milvus.example.com')).not.toThrow();
  expect(withEndpoint('milvus.example.com')).toThrow('The endpoint is not an address.');
});

test('everything else that a platform team sets is passed on', () => {
  const template = templateOf(
    (scope) =>
      new RotationFunction(scope, 'RotationFunction', {
        architecture: Architecture.X86_64,
        reservedConcurrentExecutions: 5,
        permissionsBoundary: ManagedPolicy.fromManagedPolicyName(scope, 'Boundary', 'boundary'),
        logEncryptionKey: new Key(scope, 'Key'),
        logRemovalPolicy: RemovalPolicy.DESTROY,
        tags: { team: 'search' },
      }),
  );
  template.hasResourceProperties('AWS::Lambda::Function', {
    Architectures: ['x86_64'],
    ReservedConcurrentExecutions: 5,
    Tags: [{ Key: 'team', Value: 'search' }],
  });
  template.hasResourceProperties('AWS::IAM::Role', { PermissionsBoundary: Match.anyValue() });
  template.hasResource('AWS::Logs::LogGroup', { Properties: { KmsKeyId: Match.anyValue() }, DeletionPolicy: 'Delete' });
});

test('cdk-nag finds nothing in a function with all of it', () => {
  const app = appWithoutBundles();
  for (const env of [{}, { env: { account: '123456789012', region: 'us-west-2' } }]) {
    const stack = new Stack(app, `Rotation${Object.keys(env).length}`, env);
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['a', 'b'],
      privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
      vpcCidrBlock: '10.0.0.0/16',
    });
    const privateLink = new ClusterPrivateLink(stack, 'PrivateLink', {
      vpc,
      serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
      endpoints: [endpoint],
    });
    new RotationFunction(stack, 'RotationFunction', {
      vpc,
      securityGroups: [
        privateLink.securityGroup,
        SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0'),
      ],
      secretNamePrefix: 'milvus/',
      adminSecret: Secret.fromSecretNameV2(stack, 'Admin', 'milvus-admin'),
    });
  }
  expect(findingsIn(app)).toEqual([]);
});

test("AWS's own key needs no permission, also by its alias, and a folder is written at synth", () => {
  const template = templateOf((scope) => {
    const own = Alias.fromAliasName(scope, 'Own', 'alias/aws/secretsmanager');
    const secret = Secret.fromSecretNameV2(scope, 'Secret', 'orders');
    new CredentialRotation(scope, 'Orders', { secret, encryptionKey: own });
  });
  expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).not.toContain('kms:');
  expect(() =>
    stackOf((scope) => new RotationFunction(scope, 'F', { secretNamePrefix: `${Aws.STACK_NAME}/` })),
  ).toThrow('secretNamePrefix is known at deployment only');
});
