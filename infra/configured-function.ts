import { Duration, Validations } from 'aws-cdk-lib';
import { type ISubnet, SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { readCertificateAuthority } from './configuration/certificate-authority.ts';
import type { FunctionConfiguration, VpcConfiguration } from './configuration/configuration.ts';
import { RotationPropsError } from './errors.ts';
import { RotationFunction } from './rotation-function.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';

/** The function that a configuration file describes: numbers, ARNs and paths become what the construct takes. */
export function configuredFunction(
  scope: Construct,
  configuration: Omit<FunctionConfiguration, 'permissionsBoundaryArn'>,
): RotationFunction {
  const { caFile, timeout, logRetentionDays, adminSecretArn, vpc, architecture, logKmsKeyArn, ...same } = configuration;
  return new RotationFunction(scope, 'RotationFunction', {
    ...same,
    ...(timeout !== undefined && { timeout: Duration.seconds(timeout) }),
    // The numbers of RetentionDays are days, and the schema takes no others.
    ...(logRetentionDays !== undefined && { logRetention: logRetentionDays }),
    ...(caFile !== undefined && { certificateAuthority: certificateIn(caFile) }),
    ...(adminSecretArn !== undefined && {
      adminSecret: Secret.fromSecretCompleteArn(scope, 'AdminSecret', adminSecretArn),
    }),
    ...(vpc && networkOf(scope, vpc)),
    ...(architecture && { architecture: architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64 }),
    ...(logKmsKeyArn !== undefined && { logEncryptionKey: Key.fromKeyArn(scope, 'LogKey', logKmsKeyArn) }),
  });
}

function networkOf(
  scope: Construct,
  vpc: VpcConfiguration,
): Pick<RotationFunctionProps, 'vpc' | 'vpcSubnets' | 'securityGroups'> {
  return {
    // CDK wants zones, which nothing here uses, and a lookup would make synth need an account.
    vpc: Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId: vpc.vpcId, availabilityZones: vpc.subnetIds }),
    vpcSubnets: { subnets: vpc.subnetIds.map((id) => subnet(scope, id)) },
    securityGroups: vpc.securityGroupIds.map((id) => SecurityGroup.fromSecurityGroupId(scope, id, id)),
  };
}

function subnet(scope: Construct, id: string): ISubnet {
  const imported = Subnet.fromSubnetId(scope, id, id);
  Validations.of(imported).acknowledge({
    id: 'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId',
    reason: 'The function needs the subnet, and nothing here the way out of it.',
  });
  return imported;
}

function certificateIn(file: string): string {
  const authority = readCertificateAuthority(file);
  if (authority.kind === 'unusable') {
    throw new RotationPropsError(undefined, `${file}: ${authority.rule}`);
  }
  return authority.pem;
}
