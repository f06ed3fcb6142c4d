import { readFileSync } from 'node:fs';
import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { type ISubnet, type IVpc, SecurityGroup, Subnet, type SubnetSelection, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type {
  FunctionConfiguration,
  PrivateLinkConfiguration,
  VpcConfiguration,
} from '../configuration/function-keys.ts';
import { ClusterPrivateLink } from '../function/cluster-private-link.ts';
import { RotationFunction } from '../function/rotation-function.ts';
import type { RotationFunctionProps } from '../function/rotation-function-props.ts';
import { RotationPropsError } from '../rules/check-props.ts';

/** The rotation function of a configuration file. Converts the values of the file to props. */
export function configuredFunction(
  scope: Construct,
  configuration: Omit<FunctionConfiguration, 'permissionsBoundaryArn'>,
): RotationFunction {
  const { caFile, timeout, adminSecretArn, adminSecretKmsKeyArn, secretKmsKeyArns, ...more } = configuration;
  const { managerSecretArn, managerSecretKmsKeyArn, ...others } = more;
  const { vpc, architecture, logRetentionDays, logKmsKeyArn, logRemovalPolicy, ...settings } = others;
  return new RotationFunction(scope, 'RotationFunction', {
    ...settings,
    ...(timeout !== undefined && { timeout: Duration.seconds(timeout) }),
    ...(caFile !== undefined && { certificateAuthority: certificateIn(caFile) }),
    ...(adminSecretArn !== undefined && {
      adminSecret: encryptedSecret(scope, 'AdminSecret', adminSecretArn, adminSecretKmsKeyArn),
    }),
    ...(managerSecretArn !== undefined && {
      managerSecret: encryptedSecret(scope, 'ManagerSecret', managerSecretArn, managerSecretKmsKeyArn),
    }),
    ...(secretKmsKeyArns && { secretKeys: secretKmsKeyArns.map((arn) => Key.fromKeyArn(scope, `Key-${arn}`, arn)) }),
    ...(vpc && configuredNetwork(scope, vpc)),
    ...(architecture && { architecture: architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64 }),
    // RetentionDays is an enum of days, and the schema accepts only its members.
    ...(logRetentionDays !== undefined && { logRetention: logRetentionDays }),
    ...(logKmsKeyArn !== undefined && { logEncryptionKey: Key.fromKeyArn(scope, 'LogKey', logKmsKeyArn) }),
    ...(logRemovalPolicy && { logRemovalPolicy: logRemovalPolicy as RemovalPolicy }),
  });
}

function encryptedSecret(scope: Construct, id: string, secretCompleteArn: string, keyArn: string | undefined): ISecret {
  return Secret.fromSecretAttributes(scope, id, {
    secretCompleteArn,
    ...(keyArn !== undefined && { encryptionKey: Key.fromKeyArn(scope, `${id}Key`, keyArn) }),
  });
}

function certificateIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new RotationPropsError(
      undefined,
      `function.caFile: ${JSON.stringify(file)} This file cannot be read. Write the path of a PEM file, relative to the configuration file.`,
    );
  }
}

/** The network of a configuration file. Imported by ids, because a lookup needs credentials. */
function configuredNetwork(
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
