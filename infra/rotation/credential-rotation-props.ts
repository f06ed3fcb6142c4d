import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret, ReplicaRegion } from 'aws-cdk-lib/aws-secretsmanager';
import type { StrategyName } from '../../protocol/secret/rotated-secrets.ts';
import type { IRotationFunction } from '../function/rotation-function-base.ts';
import type { RotationFunctionProps } from '../function/rotation-function-props.ts';
import type { RotationSchedule } from './rotation-schedule.ts';

/**
 * The props of the rotation, and {@link RotationFunctionProps} for a function that the construct
 * creates.
 */
export interface CredentialRotationProps extends RotationFunctionProps {
  /**
   * An existing secret: JSON with `endpoint`, `username` and `password`, or a plain
   * `user:password`.
   *
   * @default - a new secret for `endpoint` and `username`, with a placeholder as its password
   */
  readonly secret?: ISecret;

  /**
   * Endpoint of the cluster: `https://host[:port]`, as the Zilliz Cloud console shows it. A new
   * secret stores it. For an existing secret, the function uses it if neither the value nor the
   * tag `zilliz:endpoint` names an endpoint. If the value names another endpoint, the function
   * fails before it connects.
   *
   * @default - none: an existing secret names its endpoint
   */
  readonly endpoint?: string;

  /**
   * The cluster user. A new secret stores it. If an existing secret names another user, the
   * function fails before it connects.
   *
   * @default - none: an existing secret names its user
   */
  readonly username?: string;

  /**
   * The two cluster users that take turns, instead of `username`. A new secret stores the first
   * user. If an existing secret names a third user, the function fails before it connects.
   * docs/applications.md says how to set up the second user.
   *
   * @default - one user
   */
  readonly usernames?: readonly [string, string];

  /**
   * Id of the API key that an existing secret holds when its rotation begins, instead of a user.
   * Needs `endpoint`, and a function with `managerSecret`. The function rotates only this key and
   * the keys that it created for the secret: whoever may store values in the secret could
   * otherwise get the rights of any key. docs/api-keys.md says how to set up the key.
   *
   * @default - a cluster user
   */
  readonly apiKeyId?: string;

  /**
   * How a rotation replaces the credential of this secret, in AWS's words. With
   * `alternating-users`, the secret needs `usernames` and `endpoint`, and its schedule must keep
   * `minimumGapMinutes` of the function.
   *
   * @default - as `usernames` or `apiKeyId` tells, else the strategy of `rotationFunction`, or
   * `single-user`
   */
  readonly strategy?: StrategyName;

  /**
   * Name of a new secret. Applications find the secret by this name. If a secret with this name
   * exists, such as one that was retained when its stack was deleted, the deployment fails. Give
   * `secret: Secret.fromSecretNameV2(…)` instead of `secretName` to take over that secret.
   *
   * @default - CloudFormation generates a name
   */
  readonly secretName?: string;

  /**
   * Description of a new secret.
   *
   * @default - a description that names the purpose and this package
   */
  readonly description?: string;

  /**
   * What happens to a new secret when its stack is deleted.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE - clients may still use the credential. If
   * the deployment that creates the secret fails, CloudFormation deletes it, so that the next
   * deployment can create it
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Regions with a replica of a new secret. Secrets Manager rotates the primary secret and copies
   * each change to the replicas.
   *
   * @default - none
   */
  readonly replicaRegions?: ReplicaRegion[];

  /**
   * Customer managed key of a new or existing secret. The function may use it only for this secret
   * and only through Secrets Manager. If CDK knows the target key of an alias, that key is used;
   * otherwise an alias is an error.
   *
   * @default - `secret.encryptionKey`, or the AWS managed key
   */
  readonly encryptionKey?: IKey;

  /**
   * When Secrets Manager rotates the secret.
   *
   * @default RotationSchedule.rate(Duration.days(30))
   */
  readonly schedule?: RotationSchedule;

  /**
   * Rotates as soon as the schedule is deployed or changed. If that rotation fails, every later
   * change of the schedule fails too, until the secret is repaired.
   *
   * @default false
   */
  readonly rotateImmediatelyOnUpdate?: boolean;

  /**
   * A function that several secrets share: of this app, or a deployed one from
   * {@link RotationFunction.fromRotationFunctionAttributes}.
   *
   * @default - a new function for this secret
   */
  readonly rotationFunction?: IRotationFunction;
}
