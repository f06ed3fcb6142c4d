import { expect, test } from 'vitest';
import { localAws } from '../support/local-aws.ts';
import { signedRequest } from '../support/signed-request.ts';
import { createStack, outputsOf, updateStack } from '../support/stack.ts';

const aws = localAws();

/** An interface endpoint, and two groups with rules for traffic between them at these ports. */
function body(ports: readonly number[]): string {
  const group = { Type: 'AWS::EC2::SecurityGroup', Properties: { GroupDescription: 'A group' } };
  const rules = ports.flatMap((port) => {
    const at = { IpProtocol: 'tcp', FromPort: port, ToPort: port };
    const [From, To] = ['From', 'To'].map((id) => ({ 'Fn::GetAtt': [id, 'GroupId'] }));
    return [
      [
        `Out${port}`,
        { Type: 'AWS::EC2::SecurityGroupEgress', Properties: { ...at, GroupId: From, DestinationSecurityGroupId: To } },
      ],
      [
        `In${port}`,
        { Type: 'AWS::EC2::SecurityGroupIngress', Properties: { ...at, GroupId: To, SourceSecurityGroupId: From } },
      ],
    ];
  });
  const Endpoint = {
    Type: 'AWS::EC2::VPCEndpoint',
    Properties: {
      VpcEndpointType: 'Interface',
      VpcId: 'vpc-0123456789abcdef0',
      ServiceName: 'com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0',
    },
  };
  const outputs = {
    To: { 'Fn::GetAtt': ['To', 'GroupId'] },
    DnsEntry: { 'Fn::Select': [0, { 'Fn::GetAtt': ['Endpoint', 'DnsEntries'] }] },
  };
  return JSON.stringify({
    Resources: { From: group, To: group, Endpoint, ...Object.fromEntries(rules) },
    Outputs: Object.fromEntries(Object.entries(outputs).map(([key, Value]) => [key, { Value }])),
  });
}

/** The ports of the group's ingress rules. */
async function ingressPorts(group: string): Promise<number[]> {
  const call = { service: 'ec2', action: 'DescribeSecurityGroups', parameters: { 'GroupId.1': group } } as const;
  const { body: text } = await signedRequest(aws.clientConfig, call);
  const [ingress = ''] = /<ipPermissions>.*?<\/ipPermissions>/s.exec(text) ?? [];
  return [...ingress.matchAll(/<fromPort>(\d+)<\/fromPort>/g)].map(([, port]) => Number(port)).toSorted();
}

test('a stack creates rules between security groups, and an update removes one rule', async () => {
  const stack = await createStack(aws.stacks, body([443, 19530]));
  const { To = '' } = await outputsOf(aws.stacks, stack);
  expect(await ingressPorts(To)).toEqual([19530, 443]);
  await updateStack(aws.stacks, stack, body([443]));
  expect(await ingressPorts(To)).toEqual([443]);
});

test('an interface endpoint has a DNS name for alias records', async () => {
  const { DnsEntry } = await outputsOf(aws.stacks, await createStack(aws.stacks, body([])));
  expect(DnsEntry).toMatch(/^Z[A-Z0-9]+:vpce-\w+-\w+\.vpce-svc-0123456789abcdef0\.us-east-1\.vpce\.amazonaws\.com$/);
});
