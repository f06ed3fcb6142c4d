import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Peer, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { PrivateLinkStack } from '../../../examples/cdk/private-link.ts';
import { ClusterPrivateLink, type ClusterPrivateLinkProps } from '../../../infra/function/cluster-private-link.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { restServer } from '../../adapters/support/rest-server.ts';
import { appWithoutBundles, ENDPOINT, propertiesOf, stackOf, vpcIn } from '../support/templates.ts';

type Properties = Record<string, unknown>;

function stackWith(props: Partial<ClusterPrivateLinkProps> = {}): Stack {
  return stackOf((scope) => {
    const vpc = vpcIn(scope);
    const vpcSubnets = { subnetType: SubnetType.PRIVATE_ISOLATED };
    const { securityGroup } = new ClusterPrivateLink(scope, 'PrivateLink', {
      vpc,
      vpcSubnets,
      serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
      endpoints: [ENDPOINT],
      ...props,
    });
    const secret = Secret.fromSecretNameV2(scope, 'Secret', 'orders');
    new CredentialRotation(scope, 'Orders', { secret, vpc, vpcSubnets, securityGroups: [securityGroup] });
  });
}

/** The function in two subnets, one cluster on Zilliz Cloud, and one application. */
describe('the example private-link.ts', () => {
  const template = Template.fromStack(new PrivateLinkStack(appWithoutBundles(), 'Example'));
  const all = (type: string): Properties[] => propertiesOf(template, type);
  const endpoints = all('AWS::EC2::VPCEndpoint');
  const endpointOf = (service: string): Properties =>
    endpoints.find(({ ServiceName }) => JSON.stringify(ServiceName).includes(service)) ?? {};
  const [toZilliz, toSecretsManager] = [endpointOf('.vpce-svc-'), endpointOf('.secretsmanager"')];
  const [fn] = all('AWS::Lambda::Function') as { VpcConfig: Properties; Environment: { Variables: Properties } }[];
  const groupsOf = (placed: Properties = {}): unknown[] => placed['SecurityGroupIds'] as unknown[];
  const idOf = ({ ServiceName }: Properties): string | undefined =>
    Object.keys(template.findResources('AWS::EC2::VPCEndpoint', { Properties: { ServiceName } }))[0];

  test('has an interface endpoint for Zilliz Cloud and one for Secrets Manager, in the subnets of the function', () => {
    expect(endpoints).toEqual([toZilliz, toSecretsManager]);
    // With private DNS, every workload in the VPC would use the endpoint of the function.
    expect(endpoints.map(({ PrivateDnsEnabled }) => PrivateDnsEnabled)).toEqual([false, false]);
    for (const placed of [...endpoints, fn?.VpcConfig]) {
      expect(placed).toMatchObject({ SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'] });
    }
  });

  test('takes requests to Secrets Manager with credentials of its own account only', () => {
    const policy = toSecretsManager['PolicyDocument'] as { Statement: readonly object[] };
    expect(policy.Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: 'secretsmanager:*',
        Resource: '*',
        Condition: { StringEquals: { 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  test('gives the function the name of the endpoint for Secrets Manager', () => {
    // Each entry is HOSTED-ZONE:NAME.
    const first = { 'Fn::Select': [0, { 'Fn::GetAtt': [idOf(toSecretsManager), 'DnsEntries'] }] };
    expect(fn?.Environment.Variables['AWS_ENDPOINT_URL_SECRETS_MANAGER']).toEqual({
      'Fn::Join': ['', ['https://', { 'Fn::Select': [1, { 'Fn::Split': [':', first] }] }]],
    });
  });

  test('maps the host of the cluster to its interface endpoint in a private hosted zone', () => {
    const host = 'in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com.';
    expect(all('AWS::Route53::HostedZone')).toEqual([
      { Name: host, VPCs: [{ VPCId: 'vpc-0123456789abcdef0', VPCRegion: { Ref: 'AWS::Region' } }] },
    ]);
    const [record, ...others] = all('AWS::Route53::RecordSet');
    expect(others).toEqual([]);
    expect(record).toMatchObject({ Name: host, Type: 'A' });
    expect(JSON.stringify(record?.['AliasTarget'])).toContain(`["${idOf(toZilliz)}","DnsEntries"]`);
  });

  test('allows traffic only from the function to these two endpoints, and from the application to the cluster', () => {
    const [group, ...others] = groupsOf(fn?.VpcConfig);
    expect(others).toEqual([]);
    const wanted = [
      { to: groupsOf(toZilliz)[0], port: 19530 },
      { to: groupsOf(toSecretsManager)[0], port: 443 },
    ];
    const out = all('AWS::EC2::SecurityGroupEgress');
    expect(out.map((at) => ({ to: at['DestinationSecurityGroupId'], port: at['FromPort'] }))).toEqual(wanted);
    expect(out).toEqual(out.map((at) => ({ ...at, GroupId: group, IpProtocol: 'tcp', ToPort: at['FromPort'] })));
    const into = all('AWS::EC2::SecurityGroupIngress').map((at) => ({
      from: at['SourceSecurityGroupId'],
      to: at['GroupId'],
      port: at['FromPort'],
      upTo: at['ToPort'],
    }));
    const ofFunction = wanted.map((at) => ({ ...at, from: group, upTo: at.port }));
    const ofApplication = { from: 'sg-0123456789abcdef0', to: groupsOf(toZilliz)[0], port: 19530, upTo: 19530 };
    expect(into).toHaveLength(3);
    expect(into).toEqual(expect.arrayContaining([...ofFunction, ofApplication]));
    // The only rule inside a group must be CDK's rule that matches no traffic.
    const inside = all('AWS::EC2::SecurityGroup').flatMap((at) => [
      ...((at['SecurityGroupEgress'] as Properties[] | undefined) ?? []),
      ...((at['SecurityGroupIngress'] as Properties[] | undefined) ?? []),
    ]);
    expect(new Set(inside.map(({ Description }) => Description))).toEqual(new Set(['Disallow all traffic']));
  });

  test('tests the function after the endpoints and their names exist, because a schedule tests it at once', () => {
    const [schedule] = Object.values(template.findResources('AWS::SecretsManager::RotationSchedule'));
    const ids = ['AWS::EC2::VPCEndpoint', 'AWS::EC2::SecurityGroupEgress', 'AWS::Route53::RecordSet'].flatMap((type) =>
      Object.keys(template.findResources(type)),
    );
    expect(ids.length).toBeGreaterThan(4);
    expect(schedule?.['DependsOn']).toEqual(expect.arrayContaining(ids));
  });
});

test('without the endpoint for Secrets Manager, the function may connect to port 443 of any address', () => {
  const template = Template.fromStack(stackWith({ secretsManagerEndpoint: false }));
  template.resourceCountIs('AWS::EC2::VPCEndpoint', 1);
  template.hasResourceProperties('AWS::EC2::SecurityGroup', {
    SecurityGroupEgress: [{ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }],
  });
  template.hasResourceProperties('AWS::Lambda::Function', {
    Environment: { Variables: { AWS_ENDPOINT_URL_SECRETS_MANAGER: Match.absent() } },
  });
});

test('allowFrom takes address ranges too', () => {
  Template.fromStack(stackWith({ allowFrom: [Peer.ipv4('10.1.0.0/16')] })).hasResourceProperties(
    'AWS::EC2::SecurityGroup',
    { SecurityGroupIngress: [Match.objectLike({ CidrIp: '10.1.0.0/16', FromPort: 19530, ToPort: 19530 })] },
  );
});

test('the AWS SDK calls the URL in the variable of the function', async () => {
  const { endpoint, calls } = await restServer(() => ({ status: 200, body: '{}' }));
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', endpoint.url);
  onTestFinished(() => void vi.unstubAllEnvs());
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  await new SecretsManager({ region: 'us-west-2', credentials }).listSecrets({});
  expect(calls.map(({ headers }) => headers['x-amz-target'])).toEqual(['secretsmanager.ListSecrets']);
});
