import { Duration } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import {
  DEFAULT_SCHEDULE,
  nameOf,
  type RotationConfiguration,
  type SecretConfiguration,
} from '../configuration/configuration.ts';
import type { RotationFunction } from '../function/rotation-function.ts';
import { CredentialRotation, type CredentialRotationProps } from '../rotation/credential-rotation.ts';
import { RotationSchedule } from '../rotation/rotation-schedule.ts';
import { spread } from '../rules/spread.ts';
import { REMOVAL_POLICIES } from './removal-policies.ts';

export interface ConfiguredSecretProps {
  readonly entry: SecretConfiguration;
  readonly defaults: RotationConfiguration;
  readonly rotationFunction: RotationFunction;
}

/**
 * One entry of the configuration. Its name is its identity: entries may be added, removed and moved about without touching those of
 * others.
 */
export function configuredSecret(
  scope: Construct,
  { entry, defaults, rotationFunction }: ConfiguredSecretProps,
): ISecret {
  // Beside it stand what is imported for it, under ids with a colon, which is in no name of a secret.
  const name = nameOf(entry);
  const rotation = { ...defaults, ...entry };
  const { kmsKeyArn } = rotation;
  return new CredentialRotation(scope, name, {
    rotationFunction,
    schedule: scheduleOf(name, rotation),
    rotateImmediatelyOnUpdate: rotation.rotateImmediatelyOnUpdate ?? false,
    ...(kmsKeyArn !== undefined && { encryptionKey: Key.fromKeyArn(scope, `${name}:Key`, kmsKeyArn) }),
    ...secretProps(scope, name, entry),
  }).secret;
}

function scheduleOf(name: string, rotation: RotationConfiguration): RotationSchedule {
  const { schedule = DEFAULT_SCHEDULE, duration, spreadHours } = rotation;
  return RotationSchedule.expression(spreadHours === undefined ? schedule : spread(schedule, spreadHours, name), {
    ...(duration !== undefined && { window: Duration.hours(Number.parseInt(duration, 10)) }),
  });
}

function secretProps(scope: Construct, name: string, entry: SecretConfiguration): CredentialRotationProps {
  if ('create' in entry) {
    return {
      secretName: entry.create,
      endpoint: entry.endpoint,
      username: entry.username,
      removalPolicy: REMOVAL_POLICIES[entry.removalPolicy ?? 'retain'],
      ...(entry.replicaRegions && { replicaRegions: entry.replicaRegions.map((region) => ({ region })) }),
      ...(entry.description !== undefined && { description: entry.description }),
    };
  }
  const id = `${name}:Secret`;
  return {
    secret:
      'arn' in entry
        ? Secret.fromSecretCompleteArn(scope, id, entry.arn)
        : Secret.fromSecretNameV2(scope, id, entry.name),
    ...(entry.endpoint !== undefined && { endpoint: entry.endpoint }),
    ...(entry.username !== undefined && { username: entry.username }),
  };
}
