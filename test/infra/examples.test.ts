import { readdirSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { PrivateLinkStack } from '../../examples/cdk/private-link.ts';
import { EXAMPLES } from './support/examples.ts';
import { findingsIn } from './support/nag.ts';
import { appWithoutBundles } from './support/templates.ts';

type Properties = Record<string, unknown>;

test.each(Object.entries(EXAMPLES))('the example %s has schedules, and cdk-nag finds nothing', (_, build) => {
  const app = appWithoutBundles();
  build(app);
  expect(findingsIn(app)).toEqual([]);
  const templates = JSON.stringify(app.synth().stacks.map(({ template }) => template as unknown));
  expect(templates).toContain('AWS::SecretsManager::RotationSchedule');
});

test('every example is tested', () => {
  const files = readdirSync(new URL('../../examples/cdk', import.meta.url)).filter((file) => file.endsWith('.ts'));
  expect(Object.keys(EXAMPLES).toSorted()).toEqual(files.toSorted());
});

/** The emulator in test/e2e/examples.test.ts has no network, so these tests read the template. */
describe('the example private-link.ts', () => {
  const template = Template.fromStack(new PrivateLinkStack(appWithoutBundles(), 'Example'));
  const propertiesOf = (type: string): Properties[] =>
    Object.values(template.findResources(type)).map((resource) => resource['Properties'] as Properties);
  const endpoints = propertiesOf('AWS::EC2::VPCEndpoint');
  const [toZilliz, toSecretsManager] = ['.vpce-svc-', '.secretsmanager'].map((service) =>
    endpoints.find(({ ServiceName }) => JSON.stringify(ServiceName).includes(service)),
  );
  const [fn] = propertiesOf('AWS::Lambda::Function') as { VpcConfig: Properties }[];
  const groupsOf = (placed: Properties = {}): unknown[] => placed['SecurityGroupIds'] as unknown[];

  test('has an interface endpoint for Zilliz Cloud and one for Secrets Manager, in two subnets', () => {
    expect(endpoints).toHaveLength(2);
    expect(toZilliz?.['ServiceName']).toBe('com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0');
    expect(JSON.stringify(toSecretsManager?.['ServiceName'])).toContain('.secretsmanager"');
    expect(endpoints.map(({ PrivateDnsEnabled }) => PrivateDnsEnabled)).toEqual([false, false]);
    const subnets = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'];
    for (const placed of [...endpoints, fn?.VpcConfig]) {
      expect(placed).toMatchObject({ SubnetIds: subnets });
    }
  });

  test('maps the host of the cluster to its interface endpoint in a private hosted zone', () => {
    const host = 'in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com.';
    expect(propertiesOf('AWS::Route53::HostedZone')).toEqual([
      { Name: host, VPCs: [{ VPCId: 'vpc-0123456789abcdef0', VPCRegion: { Ref: 'AWS::Region' } }] },
    ]);
    const [record, ...others] = propertiesOf('AWS::Route53::RecordSet');
    expect(others).toEqual([]);
    expect(record).toMatchObject({ Name: host, Type: 'A' });
    const [clusterEndpoint] = Object.keys(
      template.findResources('AWS::EC2::VPCEndpoint', { Properties: { ServiceName: toZilliz?.['ServiceName'] } }),
    );
    expect(JSON.stringify(record?.['AliasTarget'])).toContain(`["${clusterEndpoint}","DnsEntries"]`);
  });

  test('allows traffic only from the function to these two endpoints, and from the application to the cluster', () => {
    const [group, ...others] = groupsOf(fn?.VpcConfig);
    expect(others).toEqual([]);
    const wanted = [
      { to: groupsOf(toZilliz)[0], port: 19530 },
      { to: groupsOf(toSecretsManager)[0], port: 443 },
    ];

    const out = propertiesOf('AWS::EC2::SecurityGroupEgress');
    expect(out.map((at) => ({ to: at['DestinationSecurityGroupId'], port: at['FromPort'] }))).toEqual(wanted);
    expect(out).toEqual(out.map((at) => ({ ...at, GroupId: group, IpProtocol: 'tcp', ToPort: at['FromPort'] })));
    const application = 'sg-0123456789abcdef0';
    const into = propertiesOf('AWS::EC2::SecurityGroupIngress').map((at) => ({
      from: at['SourceSecurityGroupId'],
      to: at['GroupId'],
      port: at['FromPort'],
      upTo: at['ToPort'],
    }));
    expect(into).toHaveLength(3);
    expect(into).toEqual(
      expect.arrayContaining([
        ...wanted.map((at) => ({ ...at, from: group, upTo: at.port })),
        { from: application, to: groupsOf(toZilliz)[0], port: 19530, upTo: 19530 },
      ]),
    );
    // The only rule inside a group must be CDK's rule that matches no traffic.
    const inside = propertiesOf('AWS::EC2::SecurityGroup').flatMap((at) => [
      ...((at['SecurityGroupEgress'] as Properties[] | undefined) ?? []),
      ...((at['SecurityGroupIngress'] as Properties[] | undefined) ?? []),
    ]);
    expect(new Set(inside.map(({ Description }) => Description))).toEqual(new Set(['Disallow all traffic']));
  });
});
