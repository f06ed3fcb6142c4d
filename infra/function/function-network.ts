import { Validations } from 'aws-cdk-lib';
import { Effect, Policy, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { FunctionOptions, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { RotationFunctionProps } from './rotation-function-props.ts';

/** What Lambda itself does, in the name of the role, to put a function into a VPC. */
const INTERFACE_ACTIONS: readonly string[] = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

export function networkOf(
  props: RotationFunctionProps,
): Pick<FunctionOptions, 'vpc' | 'vpcSubnets' | 'securityGroups'> {
  return {
    ...(props.vpc && { vpc: props.vpc }),
    ...(props.vpcSubnets && { vpcSubnets: props.vpcSubnets }),
    ...(props.securityGroups && { securityGroups: props.securityGroups }),
  };
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html */
export function allowNetworkInterfaces(role: Role): void {
  role.addToPolicy(new PolicyStatement({ actions: [...INTERFACE_ACTIONS], resources: ['*'] }));
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'Lambda attaches the function to the VPC through interfaces that do not exist yet, and EC2 describes them for "*" only. A second policy denies all of it to the code of the function.',
  });
}

/** The code needs none of it. A policy beside the role, because it names the function, and the function waits for what is in the role. */
export function denyNetworkInterfacesToCode(scope: Construct, role: Role, fn: IFunction): void {
  const policy = new Policy(scope, 'NoNetworkInterfacesForCode', {
    roles: [role],
    statements: [
      new PolicyStatement({
        effect: Effect.DENY,
        actions: [...INTERFACE_ACTIONS],
        resources: ['*'],
        conditions: { ArnEquals: { 'lambda:SourceFunctionArn': fn.functionArn } },
      }),
    ],
  });
  Validations.of(policy).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'The statement denies, and denies everywhere.',
  });
}
