import { Annotations, Aspects } from 'aws-cdk-lib';
import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Effect, type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { ClusterPrivateLink } from './cluster-private-link.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';

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
  acknowledge(policy, {
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'The statement denies the actions on every resource.',
  });
}

type Route = 'none' | 'unknown' | 'internet';

type Network = Pick<RotationFunctionProps, 'vpc' | 'vpcSubnets' | 'securityGroups'>;

/** What the function calls beside Secrets Manager and the cluster. */
interface Needs {
  readonly controlPlane: boolean;
  readonly eventBridge: boolean;
}

/**
 * Warns at synth of a service that the function needs and, as far as synth knows, cannot reach.
 *
 * @param needs complete only at synth
 */
export function warnOfMissingRoute(scope: Construct, network: Network, needs: () => Needs): void {
  const route = routeOf(network);
  Aspects.of(scope).add({ visit: (node) => node === scope && warnOfRoute(scope, route, needs()) });
}

/**
 * Whether the function reaches the internet, as far as synth knows the network. Synth does not know
 * the routes of a VPC that is imported by ids.
 */
function routeOf({ vpc, vpcSubnets, securityGroups = [] }: Network): Route {
  if (vpc === undefined) {
    return 'internet';
  }
  const isClosed = ({ node }: ISecurityGroup): boolean =>
    node.scope instanceof ClusterPrivateLink && node.scope.secretsManagerEndpoint !== undefined;
  const { subnets } = vpc.selectSubnets(vpcSubnets);
  const isIsolated = subnets.every((subnet) => vpc.isolatedSubnets.includes(subnet));
  if (isIsolated || (securityGroups.length > 0 && securityGroups.every(isClosed))) {
    return 'none';
  }
  return subnets.some((subnet) => vpc.privateSubnets.includes(subnet)) ? 'internet' : 'unknown';
}

function warnOfRoute(scope: Construct, route: Route, needs: Needs): void {
  const annotations = Annotations.of(scope);
  if (needs.controlPlane && route === 'none') {
    annotations.addWarningV2('zilliz-secret-rotation:controlPlaneUnreachable', CONTROL_PLANE_UNREACHABLE);
  }
  if (needs.controlPlane && route === 'unknown') {
    annotations.addInfoV2('zilliz-secret-rotation:controlPlaneRouteUnknown', CONTROL_PLANE_ROUTE_UNKNOWN);
  }
  if (needs.eventBridge && route === 'none') {
    annotations.addWarningV2('zilliz-secret-rotation:eventBridgeUnreachable', EVENTBRIDGE_UNREACHABLE);
  }
}

const NEED =
  'The function creates API keys at the control plane of Zilliz Cloud, over the internet. PrivateLink does not cover it.';

/** No warning, because nobody could remove its cause. */
const CONTROL_PLANE_ROUTE_UNKNOWN = `${NEED} Synth does not know the routes of its subnets. Check that each has a route to a NAT gateway.`;

const CONTROL_PLANE_UNREACHABLE =
  `${NEED} ` +
  'But the subnets of the function have no route to the internet, or its security groups allow only the interface endpoints. ' +
  'Give the function subnets with a NAT gateway, and secretsManagerEndpoint: false to the private link, whose security group then allows port 443. ' +
  'If the function has another route, acknowledge this warning.';

const EVENTBRIDGE_UNREACHABLE =
  'The function sends an event to EventBridge after each rotation. ' +
  'But the subnets of the function have no route to the internet, or its security groups allow only the interface endpoints. ' +
  'Without a route, each rotation moves AWSCURRENT and then fails with EVENT_NOT_SENT. ' +
  'Create an interface endpoint for EventBridge (com.amazonaws.REGION.events) with private DNS, and allow port 443 from the security group of the function to it. ' +
  'If the function has a route, acknowledge this warning.';
