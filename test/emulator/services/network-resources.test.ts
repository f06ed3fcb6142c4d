import { randomUUID } from 'node:crypto';
import {
  CreateStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import { expect, test } from 'vitest';
import { localAws } from '../support/local-aws.ts';
import { signedRequest } from '../support/signed-request.ts';

const aws = localAws();

const waiter = () => ({ client: aws.stacks, maxWaitTime: 20, minDelay: 0.1, maxDelay: 0.1 });

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

async function outputsOf(StackName: string): Promise<Record<string, string>> {
  const { Stacks = [] } = await aws.stacks.send(new DescribeStacksCommand({ StackName }));
  const outputs = Stacks[0]?.Outputs ?? [];
  return Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
}

/** The ports of the group's ingress rules. */
async function ingressPorts(group: string): Promise<number[]> {
  const call = { service: 'ec2', action: 'DescribeSecurityGroups', parameters: { 'GroupId.1': group } } as const;
  const { body: text } = await signedRequest(aws.clientConfig, call);
  const [ingress = ''] = /<ipPermissions>.*?<\/ipPermissions>/s.exec(text) ?? [];
  return [...ingress.matchAll(/<fromPort>(\d+)<\/fromPort>/g)].map(([, port]) => Number(port)).toSorted();
}

test('a stack creates rules between security groups, and an update removes one rule', async () => {
  const StackName = `network-${randomUUID()}`;
  await aws.stacks.send(new CreateStackCommand({ StackName, TemplateBody: body([443, 19530]) }));
  await waitUntilStackCreateComplete(waiter(), { StackName });
  const { To = '' } = await outputsOf(StackName);
  expect(await ingressPorts(To)).toEqual([19530, 443]);
  await aws.stacks.send(new UpdateStackCommand({ StackName, TemplateBody: body([443]) }));
  await waitUntilStackUpdateComplete(waiter(), { StackName });
  expect(await ingressPorts(To)).toEqual([443]);
});

test('an interface endpoint has a DNS name for alias records', async () => {
  const StackName = `network-${randomUUID()}`;
  await aws.stacks.send(new CreateStackCommand({ StackName, TemplateBody: body([]) }));
  await waitUntilStackCreateComplete(waiter(), { StackName });
  const { DnsEntry } = await outputsOf(StackName);
  expect(DnsEntry).toMatch(/^Z[A-Z0-9]+:vpce-\w+-\w+\.vpce-svc-0123456789abcdef0\.us-east-1\.vpce\.amazonaws\.com$/);
});
