import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { readCertificateAuthority } from './configuration/certificate-authority.ts';
import {
  type Configuration,
  type FunctionConfiguration,
  nameOf,
  type SecretConfiguration,
} from './configuration/configuration.ts';
import { CredentialRotation, type CredentialRotationProps } from './credential-rotation.ts';
import { RotationPropsError } from './errors.ts';
import { RotationFunction } from './rotation-function.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import { RotationSchedule } from './rotation-schedule.ts';

export interface RotationStackProps extends StackProps {
  readonly configuration: Configuration;
}

/** Everything that one configuration file asks for: a function, and a schedule for each secret, new or existing. */
export class RotationStack extends Stack {
  readonly rotationFunction: RotationFunction;

  constructor(scope: Construct, id: string, props: RotationStackProps) {
    super(scope, id, {
      description: 'Rotation of Zilliz Cloud and Milvus credentials (zilliz-secret-rotation)',
      ...props,
    });
    const { configuration } = props;
    this.rotationFunction = new RotationFunction(this, 'RotationFunction', functionProps(configuration.function));
    new CfnOutput(this, 'RotationFunctionArn', { value: this.rotationFunction.function.functionArn });

    const secrets = new Construct(this, 'Secrets');
    for (const secret of configuration.secrets) {
      this.#addSecret(secrets, secret);
    }
  }

  /** The name is the identity: entries may be added, removed and moved about without touching those of others. */
  #addSecret(scope: Construct, entry: SecretConfiguration): void {
    const name = nameOf(entry);
    const encryptionKey =
      entry.kmsKeyArn === undefined ? undefined : Key.fromKeyArn(scope, `${name}-Key`, entry.kmsKeyArn);
    const { secret } = new CredentialRotation(scope, name, {
      rotationFunction: this.rotationFunction,
      schedule: scheduleOf(entry),
      rotateImmediatelyOnUpdate: entry.rotateImmediatelyOnUpdate,
      ...(encryptionKey && { encryptionKey }),
      ...secretProps(scope, entry),
    });
    new CfnOutput(scope, `${name}-Arn`, { value: secret.secretArn, description: `ARN of the secret ${name}` });
  }
}

function scheduleOf({ schedule, duration }: SecretConfiguration): RotationSchedule {
  return RotationSchedule.expression(schedule, {
    ...(duration !== undefined && { window: Duration.hours(Number.parseInt(duration, 10)) }),
  });
}

function secretProps(scope: Construct, entry: SecretConfiguration): CredentialRotationProps {
  if ('create' in entry) {
    return {
      secretName: entry.create,
      endpoint: entry.endpoint,
      username: entry.username,
      removalPolicy: entry.removalPolicy === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
      ...(entry.description !== undefined && { description: entry.description }),
    };
  }
  const id = `${nameOf(entry)}-Secret`;
  return {
    secret:
      'arn' in entry
        ? Secret.fromSecretCompleteArn(scope, id, entry.arn)
        : Secret.fromSecretNameV2(scope, id, entry.name),
  };
}

function functionProps(configuration: FunctionConfiguration): RotationFunctionProps {
  const { caFile, timeout, logRetentionDays, ...same } = configuration;
  return {
    ...same,
    ...(timeout !== undefined && { timeout: Duration.seconds(timeout) }),
    // The numbers of RetentionDays are days, and the schema takes no others.
    ...(logRetentionDays !== undefined && { logRetention: logRetentionDays }),
    ...(caFile !== undefined && { certificateAuthority: certificateIn(caFile) }),
  };
}

function certificateIn(file: string): string {
  const authority = readCertificateAuthority(file);
  if (authority.kind === 'unusable') {
    throw new RotationPropsError(undefined, `${file}: ${authority.rule}`);
  }
  return authority.pem;
}
