import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import {
  configuredName,
  type RotationConfiguration,
  type SecretConfiguration,
  type SecretSource,
} from '../configuration/secret-keys.ts';
import type { RotationFunction } from '../function/rotation-function.ts';
import { CredentialRotation } from '../rotation/credential-rotation.ts';
import type { CredentialRotationProps } from '../rotation/credential-rotation-props.ts';
import { RotationSchedule } from '../rotation/rotation-schedule.ts';
import { DEFAULT_SCHEDULE, spread } from '../rules/schedule-rules.ts';

/**
 * The secret of one entry, with its rotation. The construct id is the name of the secret, so an
 * entry may move in the file. Resources that are imported for the secret have a colon in their id.
 * The name of a secret has no colon.
 */
export function configuredSecret(
  scope: Construct,
  rotationFunction: RotationFunction,
  defaults: RotationConfiguration,
  entry: SecretConfiguration,
): ISecret {
  const name = configuredName(entry);
  const { schedule = DEFAULT_SCHEDULE, duration, spreadHours, kmsKeyArn, ...others } = { ...defaults, ...entry };
  return new CredentialRotation(scope, name, {
    rotationFunction,
    schedule: RotationSchedule.expression(
      spreadHours === undefined ? schedule : spread(schedule, spreadHours, name),
      duration === undefined ? {} : { window: Duration.hours(Number.parseInt(duration, 10)) },
    ),
    ...(kmsKeyArn !== undefined && { encryptionKey: Key.fromKeyArn(scope, `${name}:Key`, kmsKeyArn) }),
    ...secretProps(scope, `${name}:Secret`, others),
  }).secret;
}

function secretProps(scope: Construct, id: string, source: SecretSource): CredentialRotationProps {
  if ('create' in source) {
    const { create, removalPolicy, replicaRegions, ...same } = source;
    return {
      ...same,
      secretName: create,
      ...(removalPolicy === 'destroy' && { removalPolicy: RemovalPolicy.DESTROY }),
      ...(replicaRegions && { replicaRegions: replicaRegions.map((region) => ({ region })) }),
    };
  }
  if ('arn' in source) {
    const { arn, ...same } = source;
    return { ...same, secret: Secret.fromSecretCompleteArn(scope, id, arn) };
  }
  const { name, ...same } = source;
  return { ...same, secret: Secret.fromSecretNameV2(scope, id, name) };
}
