import { Aws, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { type IManagedPolicy, type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, CfnPermission, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct, IConstruct, IDependable } from 'constructs';
import type { Pins } from '../../protocol/secret/rotated-secrets.ts';
import { DEFAULT_MEMORY_MB } from '../rules/function-fields.ts';
import { ClusterPrivateLink } from './cluster-private-link.ts';
import { checkFunctionProps, checkPin, checkSecretRegion } from './function-checks.ts';
import { functionCode } from './function-code.ts';
import { functionEnvironment } from './function-environment.ts';
import { ImportedRotationFunction, type RotationFunctionAttributes } from './imported-rotation-function.ts';
import { allowOnlyReading, type ReadOnlySecret, readOnlySecrets, refuseRotationOf } from './read-only-secrets.ts';
import { allowNetworkInterfaces, allowRotatedEvents } from './role-permissions.ts';
import { RotatedSecrets } from './rotated-secrets.ts';
import { type IRotationFunction, RotationFunctionBase } from './rotation-function-base.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import { SecretPins } from './secret-pins.ts';

/**
 * The Lambda function that rotates credentials of Zilliz Cloud and Milvus clusters. Secrets with
 * the same rules can share a function. Its role permits only the secrets that are passed to it.
 * Only Secrets Manager of its own account, and of `secretAccounts`, may invoke it.
 *
 * @example
 * const rotationFunction = new RotationFunction(this, 'RotationFunction', { passwordLength: 32 });
 * new CredentialRotation(this, 'Orders', { rotationFunction, endpoint, username: 'orders' });
 * new CredentialRotation(this, 'Search', { rotationFunction, secret: existing });
 * new RotationAlarms(this, 'Alarms', { rotationFunction });
 */
export class RotationFunction extends RotationFunctionBase {
  readonly function: LambdaFunction;
  readonly role: IRole;
  readonly logGroup: LogGroup;
  readonly logEncryptionKey: IKey | undefined;
  readonly architecture: Architecture;
  readonly permissionsBoundary: IManagedPolicy | undefined;
  readonly #readOnly: readonly ReadOnlySecret[];
  readonly #hasManager: boolean;
  readonly #rotatedSecrets: RotatedSecrets;
  readonly #pins: SecretPins;
  readonly #invokePermission: CfnPermission;
  readonly #privateLinks: readonly ClusterPrivateLink[];
  #sendsEvents = false;

  /**
   * A rotation function that another stack or another app has deployed. Give
   * {@link CredentialRotation} the result. The app of the function must give it the permission for
   * the secrets, most easily with `secretNamePrefix`. A warning at synth says what is needed.
   *
   * @example
   * const deployed = RotationFunction.fromRotationFunctionAttributes(this, 'RotationFunction', {
   *   functionArn: 'arn:aws:lambda:us-west-2:123456789012:function:rotation',
   *   secretNamePrefix: 'milvus/',
   * });
   * @throws RotationPropsError if the function is in another account or region.
   */
  static fromRotationFunctionAttributes(
    scope: Construct,
    id: string,
    attrs: RotationFunctionAttributes,
  ): IRotationFunction {
    return new ImportedRotationFunction(scope, id, attrs);
  }

  constructor(scope: Construct, id: string, props: RotationFunctionProps = {}) {
    super(scope, id, props);
    checkFunctionProps(this, props);
    const { permissionsBoundary, secretAccounts = [] } = props;
    this.architecture = props.architecture ?? Architecture.ARM_64;
    this.logEncryptionKey = props.logEncryptionKey;
    this.permissionsBoundary = permissionsBoundary;
    this.#readOnly = readOnlySecrets(this, props);
    this.#hasManager = props.managerSecret !== undefined;
    this.#privateLinks = (props.securityGroups ?? [])
      .map(({ node }) => node.scope)
      .filter((scope) => scope instanceof ClusterPrivateLink);
    this.logGroup = new LogGroup(this, 'LogGroup', {
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: props.logRemovalPolicy ?? RemovalPolicy.RETAIN,
      ...(props.logEncryptionKey && { encryptionKey: props.logEncryptionKey }),
    });
    this.role =
      props.role ??
      new Role(this, 'Role', {
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        description: 'Rotates credentials of Zilliz Cloud and Milvus clusters',
        ...(permissionsBoundary && { permissionsBoundary }),
      });
    // AWSLambdaBasicExecutionRole would allow writing to every log group of the account.
    this.logGroup.grantWrite(this.role);
    this.#rotatedSecrets = new RotatedSecrets(this.role, Stack.of(this), props);
    for (const { secret } of this.#readOnly) {
      allowOnlyReading(this.role, secret);
    }
    const secretsManagerUrl = this.#privateLinks.find((link) => link.secretsManagerUrl)?.secretsManagerUrl;
    const rules = {
      ...functionEnvironment({
        ...props,
        // Set even without a secret: if the variable is absent, the function refuses no secret.
        rotatedSecrets: this.rotatedSecrets,
        adminSecretArn: props.adminSecret?.secretArn,
        managerSecretArn: props.managerSecret?.secretArn,
        // Not a prop: pins of this function add it.
        pins: undefined,
      }),
      ...(secretsManagerUrl !== undefined && { AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManagerUrl }),
    };
    this.function = new LambdaFunction(this, 'Function', {
      ...functionCode(this, 'rotation', 'Rotates credentials of Zilliz Cloud and Milvus clusters'),
      architecture: this.architecture,
      timeout: props.timeout ?? Duration.seconds(60),
      memorySize: props.memorySize ?? DEFAULT_MEMORY_MB,
      role: this.role,
      logGroup: this.logGroup,
      environment: { ...props.environment, ...rules },
      ...(props.functionName !== undefined && { functionName: props.functionName }),
      ...(props.layers && { layers: props.layers }),
      ...(props.vpc && { vpc: props.vpc }),
      ...(props.vpcSubnets && { vpcSubnets: props.vpcSubnets }),
      ...(props.securityGroups && { securityGroups: props.securityGroups }),
      ...(props.reservedConcurrentExecutions !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      }),
    });
    if (props.vpc) {
      allowNetworkInterfaces(this, this.role, this.function);
    }
    if (props.rotatedEvents) {
      this.sendRotatedEvents();
    }
    this.function.node.addValidation({ validate: () => this.#rotatedSecrets.problemsIn(this.function) });
    this.#pins = new SecretPins(this, props.pinSecrets ?? 1);
    this.#invokePermission = this.#allowInvocation('SecretsManagerMayInvoke', Aws.ACCOUNT_ID);
    for (const account of secretAccounts) {
      this.#allowInvocation(`SecretsManagerOf${account}MayInvoke`, account);
    }
  }

  allowRotationOf(secret: ISecret, encryptionKey?: IKey): IDependable[] {
    checkSecretRegion(this, secret, encryptionKey);
    if (!Token.isUnresolved(secret.secretName)) {
      this.checkName(secret, secret.secretName);
    }
    refuseRotationOf(this, secret, this.#readOnly);
    this.#rotatedSecrets.allow(secret, encryptionKey ?? secret.encryptionKey);
    this.#pins.list(secret, this.#rotatedSecrets.accountOf(secret));
    return [this.#invokePermission, this.role, ...this.#privateLinks, this.#pins.dependencies];
  }

  pin(scope: IConstruct, secret: ISecret, target: Pins): void {
    this.checkEndpoint(scope, target.endpoint);
    checkPin(scope, target, this.#hasManager);
    this.#pins.pin(secret, target, this.#rotatedSecrets.accountOf(secret));
  }

  sendRotatedEvents(): void {
    if (!this.#sendsEvents) {
      this.#sendsEvents = true;
      this.function.addEnvironment('ROTATED_EVENTS', 'true');
      allowRotatedEvents(this.role);
    }
  }

  /**
   * Divides the pins of a fleet among stacks, which are deployed before the function. The function
   * then refuses every secret that the app does not name, also below the name prefix.
   *
   * @internal
   */
  dividePins(scopes: readonly Construct[]): void {
    this.#pins.divide(scopes);
  }

  /** The value of `ROTATED_SECRETS` as a token: the secrets of the function. */
  get rotatedSecrets(): string {
    return this.#rotatedSecrets.value;
  }

  /** Prefixes of the ARNs of its secrets. Complete only at synthesis, so read them in a `Lazy`. */
  get secretArnPrefixes(): string[] {
    return this.#rotatedSecrets.arnPrefixes;
  }

  #allowInvocation(id: string, sourceAccount: string): CfnPermission {
    return new CfnPermission(this, id, {
      action: 'lambda:InvokeFunction',
      functionName: this.function.functionArn,
      principal: 'secretsmanager.amazonaws.com',
      // Without this condition, any account could make Secrets Manager invoke the function
      // (confused deputy).
      sourceAccount,
    });
  }
}
