import type { Template } from 'aws-cdk-lib/assertions';
import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { ClusterPrivateLink } from '../../../infra/function/cluster-private-link.ts';
import { CredentialRotation } from '../../../infra/rotation/credential-rotation.ts';
import { templateOf, vpcIn } from '../support/templates.ts';

function rotationBy(secretsManagerEndpoint: boolean): Template {
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

/** Where the function gets out to, of what its own group says: rules to other groups are resources of their own. */
function outOf(template: Template): unknown[] {
  const [group] = Object.entries(template.findResources('AWS::EC2::SecurityGroup')).flatMap(([id, { Properties }]) =>
    id.startsWith('PrivateLinkFunctionSecurityGroup') ? [Properties.SecurityGroupEgress as unknown[]] : [],
  );
  return group ?? [];
}

test('where the VPC has its own way to Secrets Manager, the function is let out to port 443', () => {
  expect(outOf(rotationBy(false))).toEqual([
    { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443, Description: 'Secrets Manager' },
  ]);
  expect(JSON.stringify(outOf(rotationBy(true)))).not.toContain('0.0.0.0/0');
});

test('the schedule waits for the endpoints and their names, by which Secrets Manager tries the function at once', () => {
  const template = rotationBy(true);
  const [schedule] = Object.values(template.findResources('AWS::SecretsManager::RotationSchedule'));
  const ways = ['AWS::EC2::VPCEndpoint', 'AWS::EC2::SecurityGroupEgress', 'AWS::Route53::RecordSet'].flatMap((type) =>
    Object.keys(template.findResources(type)),
  );
  expect(ways.length).toBeGreaterThan(4);
  expect(schedule?.['DependsOn']).toEqual(expect.arrayContaining(ways));
});

test.each([
  [{ endpoints: [] }, 'endpoints: [] At least one endpoint is needed'],
  [{ serviceName: 'vpce-svc-0' }, 'serviceName: "vpce-svc-0" Write what the console of Zilliz Cloud shows'],
])('%j is refused', (wrong, message) => {
  const given = {
    serviceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
    endpoints: ['https://in01.zillizcloud.com'],
  };
  expect(() =>
    templateOf((scope) => new ClusterPrivateLink(scope, 'P', { ...given, ...wrong, vpc: vpcIn(scope) })),
  ).toThrow(message);
});
