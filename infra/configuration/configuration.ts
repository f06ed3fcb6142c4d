import type { RotationStrategy } from '../../secret/rotation-strategy.ts';

/** What one configuration file says, checked. What it leaves out is filled in where it is used. */
export interface Configuration {
  readonly stackName: string;
  readonly function: FunctionConfiguration;
  /** What holds for every secret that does not say otherwise. */
  readonly defaults: RotationConfiguration;
  readonly secrets: readonly SecretConfiguration[];
  readonly monitoring?: MonitoringConfiguration;
  /** Spreads the secrets over so many stacks beside that of the function. */
  readonly stacks?: number;
  readonly tags?: Record<string, string>;
}

export interface FunctionConfiguration {
  readonly strategy?: RotationStrategy;
  readonly allowedEndpoints?: string[];
  readonly clusterEndpoint?: string;
  readonly allowPlaintext?: boolean;
  /** Path of a PEM file, relative to the configuration file. */
  readonly caFile?: string;
  readonly passwordLength?: number;
  readonly passwordExcludeCharacters?: string;
  readonly adminSecretArn?: string;
  readonly adminSecretKmsKeyArn?: string;
  readonly secretNamePrefix?: string;
  readonly secretKmsKeyArns?: string[];
  readonly vpc?: VpcConfiguration;
  /** Seconds. */
  readonly timeout?: number;
  /** MB. */
  readonly memorySize?: number;
  readonly architecture?: 'arm64' | 'x86_64';
  readonly reservedConcurrentExecutions?: number;
  readonly permissionsBoundaryArn?: string;
  readonly logRetentionDays?: number;
  readonly logKmsKeyArn?: string;
  readonly logRemovalPolicy?: 'retain' | 'destroy';
}

export interface VpcConfiguration {
  readonly vpcId: string;
  readonly subnetIds: string[];
  readonly securityGroupIds?: string[];
  readonly privateLink?: PrivateLinkConfiguration;
}

/** The private way to clusters on Zilliz Cloud, and to Secrets Manager. */
export interface PrivateLinkConfiguration {
  readonly serviceName: string;
  readonly endpoints: string[];
  readonly secretsManagerEndpoint?: boolean;
}

export interface MonitoringConfiguration {
  readonly topicArn?: string;
  readonly email?: string;
  readonly maxAgeDays?: number;
  readonly runbook?: string;
  readonly dashboard?: boolean;
}

export type SecretConfiguration = NewSecretConfiguration | NamedSecretConfiguration | ArnSecretConfiguration;

/** A secret that the stack creates. */
export interface NewSecretConfiguration extends RotationConfiguration {
  readonly create: string;
  readonly endpoint: string;
  readonly username: string;
  readonly description?: string;
  readonly removalPolicy?: 'retain' | 'destroy';
  readonly replicaRegions?: string[];
}

/** Where an existing secret belongs: for one that does not say so, and must not say otherwise. */
interface TargetConfiguration {
  readonly endpoint?: string;
  readonly username?: string;
}

/** An existing secret by its name. */
export interface NamedSecretConfiguration extends RotationConfiguration, TargetConfiguration {
  readonly name: string;
}

/** An existing secret by its full ARN. */
export interface ArnSecretConfiguration extends RotationConfiguration, TargetConfiguration {
  readonly arn: string;
}

export interface RotationConfiguration {
  readonly schedule?: string;
  readonly duration?: string;
  readonly spreadHours?: number;
  readonly rotateImmediatelyOnUpdate?: boolean;
  readonly kmsKeyArn?: string;
}

export const DEFAULT_SCHEDULE = 'rate(30 days)';

/** The name in Secrets Manager, whichever way the entry names its secret: it keeps the logical ids when that way changes. */
export function nameOf(secret: SecretConfiguration): string {
  if ('create' in secret) {
    return secret.create;
  }
  return 'name' in secret ? secret.name : (nameInArn(secret.arn) ?? secret.arn);
}

/** `undefined` when it is not the full ARN of a secret. */
export function nameInArn(arn: string): string | undefined {
  return FULL_ARN.exec(arn)?.[1];
}

export const FULL_ARN: RegExp =
  /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:([\w/+=.@-]{1,512})-[A-Za-z0-9]{6}$/;
