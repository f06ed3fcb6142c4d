import { Annotations, Stack } from 'aws-cdk-lib';
import { type OnEventOptions, Rule } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ROTATED_EVENT } from '../../protocol/rotation/rotated-event.ts';
import { pinsOf, strategyOf } from '../../protocol/rotation/strategies/strategies.ts';
import { type Pins, usersOf } from '../../protocol/secret/rotated-secrets.ts';
import { RotationFunction } from '../function/rotation-function.ts';
import type { IRotationFunction } from '../function/rotation-function-base.ts';
import type { RotationFunctionProps } from '../function/rotation-function-props.ts';
import { secretNameOf } from '../function/secret-names.ts';
import { checkProps, type PropFields, RotationPropsError } from '../rules/check-props.ts';
import { checkRegion, differ } from '../rules/location.ts';
import { NEW_SECRET_NAME, usersFields } from '../rules/shared-fields.ts';
import { checkGap, checkPins } from '../rules/strategy-rules.ts';
import { addRotationSchedule } from './add-rotation-schedule.ts';
import { checkUniqueCredential, checkUniqueSecret } from './check-unique.ts';
import type { CredentialRotationProps } from './credential-rotation-props.ts';
import { referenceForFunction } from './cross-stack-reference.ts';
import { grantConsume, grantRotate } from './grants.ts';
import { newCredentialSecret } from './new-credential-secret.ts';

const FIELDS: PropFields = {
  ...usersFields,
  secretName: NEW_SECRET_NAME,
};

/** How many functions the constructs of a stack have created, each for one secret. */
const FUNCTIONS = new WeakMap<Stack, number>();

/**
 * A rotation schedule for one credential of Zilliz Cloud or Milvus, with its secret and its
 * function.
 *
 * @example
 * const { rotationFunction } = new CredentialRotation(this, 'Orders', {
 *   endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
 *   username: 'orders',
 * });
 * new RotationAlarms(this, 'Alarms', { rotationFunction });
 */
export class CredentialRotation extends Construct {
  readonly secret: ISecret;
  readonly rotationFunction: IRotationFunction;
  readonly #encryptionKey: IKey | undefined;

  constructor(scope: Construct, id: string, props: CredentialRotationProps) {
    super(scope, id);
    checkProps(this, props, FIELDS);
    const {
      endpoint,
      username,
      usernames,
      apiKeyId,
      strategy: ownStrategy,
      secret,
      secretName,
      description,
      removalPolicy,
      replicaRegions,
      encryptionKey,
      schedule,
      rotateImmediatelyOnUpdate,
      rotationFunction,
      ...functionProps
    } = props;
    // In this order, because the order of pins changes their text in the template.
    const target: Pins = { endpoint, username, usernames, apiKeyId, strategy: ownStrategy };
    this.#rejectTogether(
      'secret',
      secret,
      { secretName, description, removalPolicy, replicaRegions },
      'They apply to a new secret only, so omit them',
    );
    this.#rejectTogether(
      'rotationFunction',
      rotationFunction,
      functionProps,
      'They apply to a new function only, so give them to new RotationFunction(...)',
    );
    checkRegion(this, ['secret'], secret);
    this.#rejectOtherAccount(secret);
    checkRegion(this, ['encryptionKey'], encryptionKey);
    this.rotationFunction = rotationFunction ?? this.#newFunction(functionProps);
    const { strategy: byDefault, minimumGapMinutes, clusterEndpoint } = this.rotationFunction;
    const strategy = strategyOf(target, byDefault).name;
    if (secret === undefined && endpoint === undefined) {
      throw new RotationPropsError(
        this,
        'The props name no existing secret, and a new secret needs both endpoint and username. Give secret, or give endpoint and username.',
      );
    }
    checkPins(this, strategy, target, secret === undefined);
    checkGap(this, strategy, schedule, minimumGapMinutes);
    checkUniqueCredential(this, { ...target, endpoint: endpoint ?? clusterEndpoint });
    this.secret = secret ?? this.#newSecret(endpoint ?? '', props);
    checkUniqueSecret(this, this.secret);
    this.#encryptionKey = encryptionKey ?? this.secret.encryptionKey;
    const reference = referenceForFunction(this, this.rotationFunction, {
      secret: this.secret,
      secretName,
      encryptionKey: this.#encryptionKey,
    });
    const pins = pinsOf({ ...target, strategy });
    if (Object.values(pins).some((pin) => pin !== undefined)) {
      this.rotationFunction.pin(this, reference.secret, pins);
    }
    addRotationSchedule(this, {
      ...props,
      secret: this.secret,
      functionArn: this.rotationFunction.function.functionArn,
      dependencies: this.rotationFunction.allowRotationOf(reference.secret, reference.encryptionKey),
    });
  }

  /**
   * Allows an application in the same account to read the credential, as `zilliz-secret-client`
   * does: GetSecretValue of AWSCURRENT, AWSPENDING and AWSPREVIOUS, DescribeSecret, and the key of
   * the secret. A request must name its stage.
   */
  grantConsume(grantee: IGrantable): Grant {
    return grantConsume(this, grantee, { secret: this.secret, encryptionKey: this.#encryptionKey });
  }

  /**
   * Allows a pipeline or an operator to rotate now: RotateSecret, DescribeSecret and
   * GetSecretValue of the secret, its key, and InvokeFunction of the function, which AWS requires
   * from the caller of RotateSecret. With these permissions, `zilliz-rotation rotate` starts the
   * rotation, follows it and proves the login. docs/cli.md lists optional permissions, which
   * explain a failure.
   */
  grantRotate(grantee: IGrantable): Grant {
    return grantRotate(this, grantee, {
      secret: this.secret,
      encryptionKey: this.#encryptionKey,
      functionArn: this.rotationFunction.function.functionArn,
    });
  }

  /**
   * Sends an event to a target after each rotation of this secret, and after a repair by the
   * command. The first call lets the function send events, which needs events:PutEvents.
   * docs/applications.md#the-event-after-a-rotation describes the event.
   *
   * @example
   * rotation.onRotated('Restart', { target: new RestartEcsService(this, 'Restart', { service }) });
   */
  onRotated(id: string, options: OnEventOptions = {}): Rule {
    this.rotationFunction.sendRotatedEvents(this);
    const { secretFullArn } = this.secret;
    const rule = new Rule(options.crossStackScope ?? this, id, options);
    rule.addEventPattern({
      source: [ROTATED_EVENT.source],
      detailType: [ROTATED_EVENT.detailType],
      // If only the name of an existing secret is known, the suffix of its ARN is not.
      detail:
        secretFullArn === undefined ? { secretName: [secretNameOf(this.secret)] } : { secretArn: [secretFullArn] },
    });
    rule.addTarget(options.target);
    return rule;
  }

  #rejectTogether(name: string, value: unknown, others: object, advice: string): void {
    const given = Object.entries(others).flatMap(([key, other]) => (other === undefined ? [] : [key]));
    if (value !== undefined && given.length > 0) {
      throw new RotationPropsError(this, `${name} cannot be given together with ${given.join(', ')}. ${advice}.`);
    }
  }

  #rejectOtherAccount(secret: ISecret | undefined): void {
    const { account } = Stack.of(this);
    if (differ(secret?.env.account, account)) {
      throw new RotationPropsError(
        this,
        `The secret is in account ${secret?.env.account}, but this stack is in account ${account}. ` +
          'A schedule must be in the account of its secret. Use CrossAccountRotation there.',
      );
    }
  }

  #newFunction(props: RotationFunctionProps): RotationFunction {
    const count = (FUNCTIONS.get(Stack.of(this)) ?? 0) + 1;
    FUNCTIONS.set(Stack.of(this), count);
    if (count > 1) {
      Annotations.of(this).addWarningV2(
        'zilliz-secret-rotation:functionForEachSecret',
        `This stack has a rotation function for each of ${count} secrets. One function can rotate all of them: create new RotationFunction(...), and give it to each CredentialRotation as rotationFunction.`,
      );
    }
    return new RotationFunction(this, 'RotationFunction', props);
  }

  #newSecret(endpoint: string, props: CredentialRotationProps): ISecret {
    const [username = ''] = usersOf(props);
    this.rotationFunction.checkName(this, props.secretName);
    return newCredentialSecret(this, { ...props, endpoint, username });
  }
}
