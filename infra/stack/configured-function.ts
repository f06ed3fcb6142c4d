import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { FunctionConfiguration } from '../configuration/schema/function-schema.ts';
import { RotationPropsError } from '../errors.ts';
import { RotationFunction } from '../function/rotation-function.ts';
import { readCertificateAuthority } from '../rules/certificate-authority.ts';
import { configuredNetwork } from './configured-network.ts';

/** The rotation function of a configuration file. Converts the values of the file to props. */
export function configuredFunction(
  scope: Construct,
  configuration: Omit<FunctionConfiguration, 'permissionsBoundaryArn'>,
): RotationFunction {
  const { caFile, timeout, adminSecretArn, adminSecretKmsKeyArn, secretKmsKeyArns, ...others } = configuration;
  const { vpc, architecture, logRetentionDays, logKmsKeyArn, logRemovalPolicy, ...settings } = others;
  return new RotationFunction(scope, 'RotationFunction', {
    ...settings,
    ...(timeout !== undefined && { timeout: Duration.seconds(timeout) }),
    ...(caFile !== undefined && { certificateAuthority: certificateIn(caFile) }),
    ...(adminSecretArn !== undefined && {
      adminSecret: Secret.fromSecretAttributes(scope, 'AdminSecret', {
        secretCompleteArn: adminSecretArn,
        ...(adminSecretKmsKeyArn !== undefined && {
          encryptionKey: Key.fromKeyArn(scope, 'AdminSecretKey', adminSecretKmsKeyArn),
        }),
      }),
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

function certificateIn(file: string): string {
  const authority = readCertificateAuthority(file);
  if (authority.kind === 'unusable') {
    throw new RotationPropsError(undefined, `${file}: ${authority.rule}`);
  }
  return authority.pem;
}
