import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { IManagedPolicy, IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Architecture, ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { FunctionSettings } from '../rules/function-settings.ts';

export interface RotationFunctionProps extends FunctionSettings {
  /**
   * Certificate of the private authority that signed the certificate of the cluster, as PEM text.
   * At most about 3,500 characters, because Lambda limits the environment of a function to 4 KB.
   *
   * @default - the public authorities that Node.js trusts
   */
  readonly certificateAuthority?: string;

  /**
   * Timeout of the function, which runs one step of a rotation at a time: 30 seconds to 15
   * minutes. A step starts no change for which too little time is left, so with a short timeout it
   * gives up sooner.
   *
   * @default Duration.seconds(60)
   */
  readonly timeout?: Duration;

  /**
   * Retention of the rotation log. The log never contains a password.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;

  /**
   * Customer managed key of the log, and of the log of an {@link OverdueCheck}. Its key policy
   * must allow `logs.REGION.amazonaws.com`.
   *
   * @default - CloudWatch Logs encrypts the log
   */
  readonly logEncryptionKey?: IKey;

  /**
   * What happens to the log when its stack is deleted.
   *
   * @default RemovalPolicy.RETAIN - the log still shows who changed a credential; its entries
   * expire after `logRetention`
   */
  readonly logRemovalPolicy?: RemovalPolicy;

  /**
   * VPC of the function, for clusters without a public endpoint. The function must reach Secrets
   * Manager too: see {@link ClusterPrivateLink}. It reaches the control plane of API keys only over
   * the internet, and EventBridge also through an interface endpoint. Synth checks no route.
   *
   * @default - outside any VPC
   */
  readonly vpc?: IVpc;

  /**
   * Subnets of the function in `vpc`.
   *
   * @default - the private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * Security groups of the function in `vpc`.
   *
   * @default - a new security group that allows all outbound and no inbound traffic
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * A secret with the credential of a cluster admin: JSON `{"endpoint", "username", "password"}`
   * or `{"endpoint", "apiKey"}`. The function uses it only at that endpoint, and only if the
   * cluster accepts no stored version of a rotated secret. It then logs a warning and resets the
   * password of the user, if `endpoint` and `username` of the secret are pinned and the user is
   * not `root`, `db_admin` or the admin itself.
   *
   * The role of the function may read this secret and denies every change of it. So the secret
   * must be neither below `secretNamePrefix` nor a rotated secret.
   *
   * @default - none: a rotated secret without an accepted version needs a manual repair
   */
  readonly adminSecret?: ISecret;

  /**
   * A secret with the *manager* key: the API key that creates and deletes API keys, alone or as
   * JSON `{"apiKey"}`. The function reads it only to rotate a secret with `apiKeyId`, and sends it
   * only to `controlPlaneUrl`, which it reaches over the internet: PrivateLink does not cover it.
   *
   * The role may read this secret and denies every change of it, as of `adminSecret`, and the same
   * rules apply.
   *
   * @default - none: the function rotates no API key
   */
  readonly managerSecret?: ISecret;

  /**
   * How many secrets hold the pins of the rotated secrets: 1 to 100. Each has room for those of
   * about 400 secrets. With more than one, the name of each rotated secret must be known at synth.
   *
   * @default 1
   */
  readonly pinSecrets?: number;

  /**
   * Customer managed keys that encrypt secrets under `secretNamePrefix`. If they include the key
   * of a new secret, adding the secret does not change the function. Otherwise, the role gets the
   * permission for that key together with the secret.
   *
   * @default - none: the AWS managed key needs no permission
   */
  readonly secretKeys?: readonly IKey[];

  /**
   * Other accounts whose secrets the function rotates: the 12 digits of each. Secrets Manager of
   * these accounts may invoke the function. Pass each of their secrets to `allowRotationOf`, and
   * see {@link CrossAccountRotation} for the other account. Excludes `secretNamePrefix`.
   *
   * @default - none: only secrets of the function's account
   */
  readonly secretAccounts?: readonly string[];

  /**
   * Name of the function.
   *
   * @default - CloudFormation generates a name
   */
  readonly functionName?: string;

  /**
   * Role of the function, which `lambda.amazonaws.com` must be able to assume. The construct adds
   * the permissions of docs/security.md to it. An imported role must have them already.
   *
   * @default - a new role
   */
  readonly role?: IRole;

  /**
   * More environment variables, such as `https_proxy` for gRPC, or those of an extension. The
   * variables of the rotation have props of their own and are refused here.
   *
   * @default - only the variables of the rotation
   */
  readonly environment?: Readonly<Record<string, string>>;

  /**
   * Layers of the function, such as an extension for monitoring.
   *
   * @default - none
   */
  readonly layers?: ILayerVersion[];

  /**
   * Permissions boundary of the function's role. Excludes `role`.
   *
   * @default - none
   */
  readonly permissionsBoundary?: IManagedPolicy;

  /**
   * Instruction set of the function, and of an {@link OverdueCheck}.
   *
   * @default Architecture.ARM_64
   */
  readonly architecture?: Architecture;
}
