import { type ISubnet, type IVpc, SecurityGroup, Subnet, type SubnetSelection, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { PrivateLinkConfiguration, VpcConfiguration } from '../configuration/schema/vpc-schema.ts';
import { ClusterPrivateLink } from '../function/cluster-private-link.ts';
import type { RotationFunctionProps } from '../function/rotation-function-props.ts';

/** The network of a configuration file. Imported by ids, because a lookup needs credentials. */
export function configuredNetwork(
  scope: Construct,
  { vpcId, subnetIds, securityGroupIds = [], privateLink }: VpcConfiguration,
): Pick<RotationFunctionProps, 'vpc' | 'vpcSubnets' | 'securityGroups'> {
  // CDK selects one subnet of each zone. Each subnet is its own zone here, so that CDK selects all
  // subnets of the file.
  const vpc = Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId, availabilityZones: [...subnetIds] });
  const vpcSubnets = { subnets: subnetIds.map((id) => subnet(scope, id)) };
  const securityGroups = [
    ...securityGroupIds.map((id) => SecurityGroup.fromSecurityGroupId(scope, id, id)),
    ...(privateLink ? [groupOf(scope, privateLink, vpc, vpcSubnets)] : []),
  ];
  return { vpc, vpcSubnets, ...(securityGroups.length > 0 && { securityGroups }) };
}

function groupOf(
  scope: Construct,
  { clientSecurityGroupIds, ...privateLink }: PrivateLinkConfiguration,
  vpc: IVpc,
  vpcSubnets: SubnetSelection,
): ClusterPrivateLink['securityGroup'] {
  // A group may also be a group of the function, so its construct id must differ.
  const allowFrom = clientSecurityGroupIds?.map((id) => SecurityGroup.fromSecurityGroupId(scope, `Client-${id}`, id));
  const props = { ...privateLink, ...(allowFrom && { allowFrom }), vpc, vpcSubnets };
  return new ClusterPrivateLink(scope, 'PrivateLink', props).securityGroup;
}

function subnet(scope: Construct, id: string): ISubnet {
  const imported = Subnet.fromSubnetAttributes(scope, id, { subnetId: id, availabilityZone: id });
  acknowledge(imported, {
    id: 'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId',
    reason: 'The function uses the subnet only. No construct here reads its route table.',
  });
  return imported;
}
