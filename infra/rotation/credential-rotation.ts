import { Duration, type RemovalPolicy, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret, ReplicaRegion } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { RotationPropsError } from '../errors.ts';
import { RotationFunction } from '../function/rotation-function.ts';
import type { RotationFunctionProps } from '../function/rotation-function-props.ts';
import { addTags } from '../tags.ts';
import { newCredentialSecret } from './new-credential-secret.ts';
import { RotationSchedule } from './rotation-schedule.ts';
import { secretSchedule } from './secret-schedule.ts';
import { seenFrom } from './seen-from.ts';

/** Every prop of {@link RotationFunctionProps} may be given too, for the function that the construct makes. */
export interface CredentialRotationProps extends RotationFunctionProps {
  /**
   * An existing secret: JSON with `endpoint`, `username` and `password`, or a plain `user:password`.
   *
   * @default - a new secret for `endpoint` and `username`, with a placeholder for its password
   */
  readonly secret?: ISecret;

  /**
   * The cluster: `https://host[:port]`, as the console of Zilliz Cloud shows it. A new secret begins with it. For an
   * existing one it is used when neither the value nor the tag `zilliz:endpoint` names one, and a secret that names another
   * is refused before any connection.
   *
   * @default - none; an existing secret names its own
   */
  readonly endpoint?: string;

  /**
   * The cluster user. A new secret begins with it; an existing one that names another is refused before any connection.
   *
   * @default - none; an existing secret names its own
   */
  readonly username?: string;

  /**
   * Name of a new secret, by which applications find it.
   *
   * @default - made by CloudFormation
   */
  readonly secretName?: string;

  /**
   * Description of a new secret.
   *
   * @default - says what it is and who rotates it
   */
  readonly description?: string;

  /**
   * What becomes of a new secret when its stack is deleted.
   *
   * @default RemovalPolicy.RETAIN - a credential outlives its stack
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Copies of a new secret in other regions. Secrets Manager keeps them like the first, rotations included; only the first is rotated.
   *
   * @default - none
   */
  readonly replicaRegions?: ReplicaRegion[];

  /**
   * Customer managed key of the secret, new or existing. The function gets the right to use it for this secret through
   * Secrets Manager, and for nothing else. An alias stands for its key where CDK knows it, and is refused where it does not.
   *
   * @default - the key of an existing secret as far as CDK knows it, else AWS's own
   */
  readonly encryptionKey?: IKey;

  /**
   * When to rotate.
   *
   * @default RotationSchedule.rate(Duration.days(30))
   */
  readonly schedule?: RotationSchedule;

  /**
   * Rotate as soon as the schedule is deployed or changed. If that rotation fails, every later change of the schedule
   * fails too, until it is repaired: hence not by default.
   *
   * @default false
   */
  readonly rotateImmediatelyOnUpdate?: boolean;

  /**
   * A function shared by several secrets.
   *
   * @default - a function of its own
   */
  readonly rotationFunction?: RotationFunction;
}

/**
 * Gives one credential of Zilliz Cloud or Milvus a schedule by which it rotates.
 *
 * @example
 * new CredentialRotation(this, 'Orders', {
 *   endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
 *   username: 'orders',
 * });
 */
export class CredentialRotation extends Construct {
  readonly secret: ISecret;
  readonly rotationFunction: RotationFunction;

  constructor(scope: Construct, id: string, props: CredentialRotationProps) {
    super(scope, id);
    const {
      secret,
      endpoint,
      username,
      secretName,
      description,
      removalPolicy,
      replicaRegions,
      encryptionKey,
      schedule = RotationSchedule.rate(Duration.days(30)),
      rotateImmediatelyOnUpdate = false,
      rotationFunction,
      tags,
      ...functionProps
    } = props;
    addTags(this, tags);
    const forNewSecret = { secretName, description, removalPolicy, replicaRegions };
    this.#refuseTogether('secret', secret, forNewSecret, 'An existing secret has its own, so leave them out');
    this.#refuseTogether(
      'rotationFunction',
      rotationFunction,
      functionProps,
      'They belong to the shared function, so give them to new RotationFunction(...)',
    );
    this.#refuseOtherPlace(secret);
    this.rotationFunction = rotationFunction ?? new RotationFunction(this, 'RotationFunction', functionProps);
    this.secret = secret ?? this.#newSecret(props);
    if (secret && (endpoint !== undefined || username !== undefined)) {
      this.rotationFunction.pin(this, secret, { endpoint, username });
    }

    const seen = seenFrom(this.rotationFunction, this, {
      secret: this.secret,
      secretName,
      encryptionKey: encryptionKey ?? this.secret.encryptionKey,
    });
    const prerequisites = this.rotationFunction.allowRotationOf(seen.secret, seen.encryptionKey);
    const rotation = secretSchedule(this, {
      secret: this.secret,
      functionArn: this.rotationFunction.function.functionArn,
      schedule,
      rotateImmediatelyOnUpdate,
    });
    rotation.node.addDependency(...prerequisites);
  }

  #refuseOtherPlace(secret: ISecret | undefined): void {
    const { account, region } = Stack.of(this);
    const isElsewhere = (its: string, own: string): boolean =>
      Token.compareStrings(its, own) === TokenComparison.DIFFERENT;
    if (secret && (isElsewhere(secret.env.account, account) || isElsewhere(secret.env.region, region))) {
      throw new RotationPropsError(
        this,
        `The secret is in account ${secret.env.account}, region ${secret.env.region}, and this stack in ${account}, ${region}. A schedule is made in the account and region of its secret: see CrossAccountRotation.`,
      );
    }
  }

  #newSecret(props: CredentialRotationProps): ISecret {
    const { endpoint, username } = props;
    if (endpoint === undefined || username === undefined) {
      throw new RotationPropsError(
        this,
        'Neither an existing secret nor what a new one needs. Give secret, or both endpoint and username.',
      );
    }
    this.rotationFunction.checkEndpoint(this, endpoint);
    this.rotationFunction.checkName(this, props.secretName);
    const created = newCredentialSecret(this, {
      endpoint,
      username,
      secretName: props.secretName,
      description: props.description,
      encryptionKey: props.encryptionKey,
      removalPolicy: props.removalPolicy,
      replicaRegions: props.replicaRegions,
    });
    // CDK's own class and interface disagree about an optional property under exactOptionalPropertyTypes.
    return created as ISecret;
  }

  #refuseTogether(name: string, value: unknown, others: object, advice: string): void {
    const given = Object.entries(others).flatMap(([key, other]) => (other === undefined ? [] : [key]));
    if (value !== undefined && given.length > 0) {
      throw new RotationPropsError(this, `${name} cannot be given together with ${given.join(', ')}. ${advice}.`);
    }
  }
}
