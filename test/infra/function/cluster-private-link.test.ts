import { createServer } from 'node:http';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Peer, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ClusterPrivateLink, type ClusterPrivateLinkProps } from '../../../infra/function/cluster-private-link.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { serve } from '../../support/loopback.ts';
import { stackOf, vpcIn } from '../support/templates.ts';

const HOST = 'in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com';

function stackWith(props: Partial<ClusterPrivateLinkProps> = {}): Stack {
  return stackOf((scope) => {
    const vpc = vpcIn(scope);
    const vpcSubnets = { subnetType: SubnetType.PRIVATE_ISOLATED };
    const privateLink = new ClusterPrivateLink(scope, 'PrivateLink', {
      vpc,
      vpcSubnets,
      serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
      endpoints: [`https://${HOST}:19530`],
      ...props,
    });
    new CredentialRotation(scope, 'Orders', {
      secret: Secret.fromSecretNameV2(scope, 'Secret', 'orders'),
      vpc,
      vpcSubnets,
      securityGroups: [privateLink.securityGroup],
    });
  });
}

const templateWith = (props?: Partial<ClusterPrivateLinkProps>): Template => Template.fromStack(stackWith(props));

/** Egress rules to addresses. A rule to another security group is a separate resource. */
function egressToAddresses(template: Template): unknown[] {
  const [group] = Object.entries(template.findResources('AWS::EC2::SecurityGroup')).flatMap(([id, { Properties }]) =>
    id.startsWith('PrivateLinkFunctionSecurityGroup') ? [Properties.SecurityGroupEgress as unknown[]] : [],
  );
  return group ?? [];
}

test('without the endpoint for Secrets Manager, the function may connect to port 443 of any address', () => {
  const template = templateWith({ secretsManagerEndpoint: false });
  template.resourceCountIs('AWS::EC2::VPCEndpoint', 1);
  expect(egressToAddresses(template)).toEqual([
    { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443, Description: 'Secrets Manager' },
  ]);
});

test('only the function uses the endpoint for Secrets Manager, because that endpoint has no private DNS', () => {
  const template = templateWith();
  const [id] = Object.entries(template.findResources('AWS::EC2::VPCEndpoint')).flatMap(([id, { Properties }]) =>
    JSON.stringify(Properties.ServiceName).includes('.secretsmanager"') ? [{ id, ...Properties }] : [],
  );
  expect(id).toMatchObject({ PrivateDnsEnabled: false });
  const firstName = { 'Fn::Select': [0, { 'Fn::GetAtt': [id?.id, 'DnsEntries'] }] };
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: {
      Variables: {
        // Each entry is HOSTED-ZONE:NAME.
        AWS_ENDPOINT_URL_SECRETS_MANAGER: {
          'Fn::Join': ['', ['https://', { 'Fn::Select': [1, { 'Fn::Split': [':', firstName] }] }]],
        },
      },
    },
  });
});

test('the AWS SDK calls the URL in that variable', async () => {
  const actions: unknown[] = [];
  const server = createServer((request, response) => {
    actions.push(request.headers['x-amz-target']);
    response.end('{}');
  });
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', (await serve(server)).url);
  onTestFinished(() => void vi.unstubAllEnvs());
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  await new SecretsManager({ region: 'us-west-2', credentials }).listSecrets({});
  expect(actions).toEqual(['secretsmanager.ListSecrets']);
});

test('without that endpoint, the function uses the usual name of Secrets Manager', () => {
  templateWith({ secretsManagerEndpoint: false }).hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { AWS_ENDPOINT_URL_SECRETS_MANAGER: Match.absent() } },
  });
});

describe('the other clients in the VPC, whose name of the cluster leads to the endpoint, too', () => {
  const warningsOf = (props: Partial<ClusterPrivateLinkProps>): unknown[] =>
    Annotations.fromStack(stackWith(props)).findWarning(
      '/Test/PrivateLink',
      Match.stringLikeRegexp(
        `Every workload in the VPC resolves ${HOST} to an interface endpoint that admits only the`,
      ),
    );

  test('are admitted to the port of the cluster by allowFrom', () => {
    const groupId = 'sg-0123456789abcdef0';
    const template = Template.fromStack(
      stackOf((scope) => {
        const { clusterEndpoint, secretsManagerEndpoint } = new ClusterPrivateLink(scope, 'PrivateLink', {
          vpc: vpcIn(scope),
          vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
          serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
          endpoints: [`https://${HOST}:19530`],
          allowFrom: [SecurityGroup.fromSecurityGroupId(scope, 'Client', groupId), Peer.ipv4('10.1.0.0/16')],
        });
        secretsManagerEndpoint?.connections.allowDefaultPortFrom(Peer.ipv4('10.2.0.0/16'));
        clusterEndpoint.connections.allowFrom(Peer.ipv4('10.3.0.0/16'), Port.tcp(19530));
      }),
    );
    const rules = [
      ...Object.values(template.findResources('AWS::EC2::SecurityGroup')).flatMap(
        ({ Properties }) => (Properties.SecurityGroupIngress ?? []) as Record<string, unknown>[],
      ),
      ...Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties),
    ];
    expect(
      rules.map(({ CidrIp, SourceSecurityGroupId, FromPort, ToPort }) => [
        CidrIp ?? SourceSecurityGroupId,
        FromPort,
        ToPort,
      ]),
    ).toEqual(
      expect.arrayContaining([
        [groupId, 19530, 19530],
        ['10.1.0.0/16', 19530, 19530],
        ['10.2.0.0/16', 443, 443],
        ['10.3.0.0/16', 19530, 19530],
      ]),
    );
    expect(rules).toHaveLength(4 + 2);
  });

  test('are the subject of a warning if allowFrom is absent', () => {
    expect(warningsOf({})).toHaveLength(1);
    expect(warningsOf({ allowFrom: [Peer.ipv4('10.0.0.0/16')] })).toEqual([]);
  });

  test('do not exist if allowFrom is an empty list', () => {
    expect(warningsOf({ allowFrom: [] })).toEqual([]);
  });
});

test('the schedule depends on the endpoints and their names, because Secrets Manager tests the function at once', () => {
  const template = templateWith();
  const [schedule] = Object.values(template.findResources('AWS::SecretsManager::RotationSchedule'));
  const ids = ['AWS::EC2::VPCEndpoint', 'AWS::EC2::SecurityGroupEgress', 'AWS::Route53::RecordSet'].flatMap((type) =>
    Object.keys(template.findResources(type)),
  );
  expect(ids.length).toBeGreaterThan(4);
  expect(schedule?.['DependsOn']).toEqual(expect.arrayContaining(ids));
});
