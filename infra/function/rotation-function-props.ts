import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IManagedPolicy } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Architecture } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { RotationRulesProps } from './function-environment.ts';

export interface RotationFunctionProps extends RotationRulesProps {
  /**
   * Time for one step of a rotation. A step finds out which stored password is in force, changes it and proves the new
   * one; it does not begin a change with too little time left, so a shorter time makes it give up sooner. 30 s to 15 minutes.
   *
   * @default Duration.seconds(60)
   */
  readonly timeout?: Duration;

  /**
   * Memory in MB, at least 192. The function needs about 160; Lambda gives processor time by memory, and a cold start uses it.
   *
   * @default 512
   */
  readonly memorySize?: number;

  /**
   * How long the log of the rotations is kept. It never holds a password.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;

  /**
   * Customer managed key of that log. Its key policy must allow `logs.REGION.amazonaws.com`.
   *
   * @default - encrypted by CloudWatch Logs
   */
  readonly logEncryptionKey?: IKey;

  /**
   * What becomes of the log when its stack is deleted.
   *
   * @default RemovalPolicy.RETAIN - who changed a credential, and what is in force, outlives the stack; the retention empties it
   */
  readonly logRemovalPolicy?: RemovalPolicy;

  /**
   * Network of the function, for clusters without public endpoint. It must reach Secrets Manager too: see {@link ClusterPrivateLink}.
   *
   * @default - outside of any VPC
   */
  readonly vpc?: IVpc;

  /**
   * Subnets of `vpc`.
   *
   * @default - the private ones
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Security groups of the function in `vpc`.
   *
   * @default - a new one, with all outbound and no inbound traffic
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * A secret with a second credential, of a cluster admin or an API key. Used only when no stored version of a rotated
   * secret is in force, and logged loudly. The function may read it, never change it.
   *
   * @default - none; such a secret is reported, and mended by hand
   */
  readonly adminSecret?: ISecret;

  /**
   * All secrets whose name begins so may be rotated: `milvus/`. Its permission does not grow with their number, for
   * fleets. Ends in `/`, so that it covers a folder and not a beginning of words.
   *
   * @default - each secret is permitted by itself
   */
  readonly secretNamePrefix?: string;

  /**
   * Customer managed keys that encrypt secrets below `secretNamePrefix`. With all of them named here, a secret can be added without a change
   * of the function; a key that only a secret names is permitted together with it.
   *
   * @default - none: the key of AWS needs no permission
   */
  readonly secretKeys?: readonly IKey[];

  /**
   * Other accounts whose secrets the function rotates: their Secrets Manager may invoke it. Hand each of their secrets to
   * `allowRotationOf`, and see {@link CrossAccountRotation} for the other side. Not together with `secretNamePrefix`.
   *
   * @default - none: only secrets of the function's own account
   */
  readonly secretAccounts?: readonly string[];

  /**
   * Upper limit of what the role of the function may ever be allowed.
   *
   * @default - none
   */
  readonly permissionsBoundary?: IManagedPolicy;

  /**
   * Processor of the function.
   *
   * @default Architecture.ARM_64
   */
  readonly architecture?: Architecture;

  /**
   * Rotations at once, at the most; 0 stops them all. The rest of them wait for Secrets Manager to try again.
   *
   * @default - as many as Lambda runs
   */
  readonly reservedConcurrentExecutions?: number;

  /**
   * Tags of everything that the construct makes.
   *
   * @default - none of its own
   */
  readonly tags?: Readonly<Record<string, string>>;
}
