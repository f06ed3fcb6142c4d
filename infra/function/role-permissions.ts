import { Stack } from 'aws-cdk-lib';
import { Effect, type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { ROTATED_EVENT } from '../../protocol/rotation/rotated-event.ts';
import { acknowledge } from '../acknowledge.ts';

/** What Lambda calls with the role of a function to attach the function to a VPC. */
const INTERFACE_ACTIONS: readonly string[] = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * Allows the interface actions to Lambda, and denies them to the code of the function, which needs
 * none of them. The denial is a policy of its own because it names the function, and the function
 * depends on the default policy of the role.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
export function allowNetworkInterfaces(scope: Construct, role: IRole, fn: IFunction): void {
  role.addToPrincipalPolicy(new PolicyStatement({ actions: [...INTERFACE_ACTIONS], resources: ['*'] }));
  acknowledge(role, {
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'Lambda attaches the function through network interfaces that do not exist yet, and EC2 describes ' +
      'interfaces for "*" only. A second policy denies these actions to the code of the function.',
  });
  const policy = new Policy(scope, 'NoNetworkInterfacesForCode', {
    statements: [
      new PolicyStatement({
        effect: Effect.DENY,
        actions: [...INTERFACE_ACTIONS],
        resources: ['*'],
        conditions: { ArnEquals: { 'lambda:SourceFunctionArn': fn.functionArn } },
      }),
    ],
  });
  role.attachInlinePolicy(policy);
  acknowledge(policy, {
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'The statement denies the actions on every resource.',
  });
}

/** Allows the role to send this one event to the default bus of its account and region. */
export function allowRotatedEvents(role: IRole): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['events:PutEvents'],
      resources: [Stack.of(role).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })],
      conditions: {
        StringEquals: { 'events:source': ROTATED_EVENT.source, 'events:detail-type': ROTATED_EVENT.detailType },
      },
    }),
  );
}
