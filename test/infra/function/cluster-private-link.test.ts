import { Match, type Template } from 'aws-cdk-lib/assertions';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { ClusterPrivateLink } from '../../../infra/function/cluster-private-link.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { templateOf, vpcIn } from '../support/templates.ts';

function templateWith(secretsManagerEndpoint: boolean): Template {
  return templateOf((scope) => {
    const vpc = vpcIn(scope);
    const vpcSubnets = { subnetType: SubnetType.PRIVATE_ISOLATED };
    const privateLink = new ClusterPrivateLink(scope, 'PrivateLink', {
      vpc,
      vpcSubnets,
      serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
      endpoints: ['https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530'],
      secretsManagerEndpoint,
    });
    new CredentialRotation(scope, 'Orders', {
      secret: Secret.fromSecretNameV2(scope, 'Secret', 'orders'),
      vpc,
      vpcSubnets,
      securityGroups: [privateLink.securityGroup],
    });
  });
}

/** Egress rules to addresses. A rule to another security group is a separate resource. */
function egressToAddresses(template: Template): unknown[] {
  const [group] = Object.entries(template.findResources('AWS::EC2::SecurityGroup')).flatMap(([id, { Properties }]) =>
    id.startsWith('PrivateLinkFunctionSecurityGroup') ? [Properties.SecurityGroupEgress as unknown[]] : [],
  );
  return group ?? [];
}

test('the host of the cluster resolves in the VPC, and the function may connect to the endpoints only', () => {
  const template = templateWith(true);
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
  const ports = Object.values(template.findResources('AWS::EC2::SecurityGroupEgress')).map(
    (rule) => rule['Properties'].ToPort,
  );
  expect(ports.toSorted()).toEqual([19530, 443]);
  expect(JSON.stringify(egressToAddresses(template))).not.toContain('0.0.0.0/0');
});

test('without the endpoint for Secrets Manager, the function may connect to port 443 of any address', () => {
  const template = templateWith(false);
  template.resourceCountIs('AWS::EC2::VPCEndpoint', 1);
  expect(egressToAddresses(template)).toEqual([
    { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443, Description: 'Secrets Manager' },
  ]);
});

test('the schedule depends on the endpoints and their names, because Secrets Manager tests the function at once', () => {
  const template = templateWith(true);
  const [schedule] = Object.values(template.findResources('AWS::SecretsManager::RotationSchedule'));
  const ids = ['AWS::EC2::VPCEndpoint', 'AWS::EC2::SecurityGroupEgress', 'AWS::Route53::RecordSet'].flatMap((type) =>
    Object.keys(template.findResources(type)),
  );
  expect(ids.length).toBeGreaterThan(4);
  expect(schedule?.['DependsOn']).toEqual(expect.arrayContaining(ids));
});

test.each([
  [{ endpoints: [] }, 'endpoints: [] Write at least one cluster endpoint.'],
  [
    { serviceName: 'vpce-svc-0' },
    'serviceName: "vpce-svc-0" Write the service name that the Zilliz Cloud console shows',
  ],
])('%j is an error', (wrong, message) => {
  const valid = {
    serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
    endpoints: ['https://in01.zillizcloud.com'],
  };
  expect(() =>
    templateOf((scope) => new ClusterPrivateLink(scope, 'P', { ...valid, ...wrong, vpc: vpcIn(scope) })),
  ).toThrow(message);
});
