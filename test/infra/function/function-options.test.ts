import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { ClusterPrivateLink } from '../../../infra/function/cluster-private-link.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { findingsIn } from '../support/nag.ts';
import { appWithoutBundles, ENDPOINT as endpoint, propertiesOf, templateOf, vpcIn } from '../support/templates.ts';

test('in a VPC, Lambda may create network interfaces, but the code of the function may not', () => {
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

test('with a name prefix, the policy does not grow with the number of secrets', () => {
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

test('secretKeys are allowed before any secret uses them, and only for secrets under the name prefix', () => {
  const keyArn = 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const statementsWith = (secrets: number): unknown[] => {
    const template = templateOf((scope) => {
      const key = Key.fromKeyArn(scope, 'Key', keyArn);
      const rotationFunction = new RotationFunction(scope, 'F', { secretNamePrefix: 'milvus/', secretKeys: [key] });
      for (let index = 0; index < secrets; index++) {
        rotationFunction.allowRotationOf(Secret.fromSecretNameV2(scope, `Secret${index}`, `milvus/${index}`), key);
      }
    });
    const [policy] = propertiesOf(template, 'AWS::IAM::Policy');
    const statements = policy?.['PolicyDocument'].Statement as { Resource: unknown }[];
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

test('the function gets its architecture, concurrency, tags, permissions boundary, log key and removal policy', () => {
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

test('cdk-nag finds no problem in a function with all options', () => {
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

test('the AWS managed key, named by its alias, needs no permission', () => {
  const template = templateOf((scope) => {
    const encryptionKey = Alias.fromAliasName(scope, 'Key', 'alias/aws/secretsmanager');
    const secret = Secret.fromSecretNameV2(scope, 'Secret', 'orders');
    new CredentialRotation(scope, 'Orders', { secret, encryptionKey });
  });
  expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).not.toContain('kms:');
});
