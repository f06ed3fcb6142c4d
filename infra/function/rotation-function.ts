import { Aws, Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import { type IManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, CfnPermission, type IFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IConstruct, type IDependable } from 'constructs';
import { type EndpointRules, ZILLIZ_CLOUD_DOMAINS } from '../../cluster/endpoint.ts';
import type { SecretTarget } from '../../secret/rotated-secrets.ts';
import { RotationPropsError } from '../errors.ts';
import { CheckedProps } from '../rules/checked-props.ts';
import { addTags } from '../tags.ts';
import { ClusterPrivateLink } from './cluster-private-link.ts';
import { checkFunctionProps } from './function-checks.ts';
import { functionCode } from './function-code.ts';
import { environmentProblem, functionEnvironment } from './function-environment.ts';
import { allowNetworkInterfaces, denyNetworkInterfacesToCode, networkOf } from './function-network.ts';
import { lengthOfPolicies, ROLE_POLICIES_LIMIT } from './role-policies.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import { SecretEnvironment } from './secret-environment.ts';
import { SecretPermissions } from './secret-permissions.ts';

/**
 * The Lambda function that rotates credentials of Zilliz Cloud and Milvus, for as many secrets as share its rules. It may
 * touch only the secrets that were handed to it, and only Secrets Manager of the same account may invoke it.
 *
 * @example
 * const rotationFunction = new RotationFunction(this, 'RotationFunction', { passwordLength: 32 });
 * new CredentialRotation(this, 'Orders', { rotationFunction, endpoint, username: 'orders' });
 * new CredentialRotation(this, 'Search', { rotationFunction, secret: existing });
 */
export class RotationFunction extends Construct {
  readonly function: IFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;
  readonly timeout: Duration;
  readonly permissionsBoundary: IManagedPolicy | undefined;
  readonly secretNamePrefix: string | undefined;
  readonly #endpointRules: EndpointRules;
  readonly #permissions: SecretPermissions;
  readonly #secretEnvironment: SecretEnvironment;
  readonly #invokePermission: CfnPermission;
  /** What the function reaches its cluster and Secrets Manager by. */
  readonly #ways: readonly ClusterPrivateLink[];

  constructor(scope: Construct, id: string, props: RotationFunctionProps = {}) {
    super(scope, id);
    const { timeout = Duration.seconds(60), memorySize = 512 } = props;
    checkFunctionProps(this, props);
    this.secretNamePrefix = props.secretNamePrefix;
    this.#ways = (props.securityGroups ?? [])
      .map(({ node }) => node.scope)
      .filter((scope) => scope instanceof ClusterPrivateLink);
    this.timeout = timeout;
    this.permissionsBoundary = props.permissionsBoundary;
    addTags(this, props.tags);
    this.#endpointRules = {
      allowed: props.allowedEndpoints ?? ZILLIZ_CLOUD_DOMAINS,
      allowPlaintext: props.allowPlaintext ?? false,
    };
    this.logGroup = new LogGroup(this, 'LogGroup', {
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: props.logRemovalPolicy ?? RemovalPolicy.RETAIN,
      ...(props.logEncryptionKey && { encryptionKey: props.logEncryptionKey }),
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Rotates credentials of Zilliz Cloud and Milvus clusters',
      ...(props.permissionsBoundary && { permissionsBoundary: props.permissionsBoundary }),
    });
    // Its own log group and no other: AWSLambdaBasicExecutionRole would let it write to every one of the account.
    this.logGroup.grantWrite(this.role);
    this.#permissions = new SecretPermissions(this.role, props.secretNamePrefix);
    for (const key of props.secretKeys ?? []) {
      this.#permissions.allowKeyOfFolder(key);
    }
    if (props.adminSecret) {
      this.#permissions.allowReading(props.adminSecret);
    }
    if (props.vpc) {
      allowNetworkInterfaces(this.role);
    }
    const environment = functionEnvironment(this, props);
    this.node.addValidation({ validate: () => this.#validateSecrets(environment) });

    const fn = new NodejsFunction(this, 'Function', {
      ...functionCode('rotation'),
      description: 'Rotates credentials of Zilliz Cloud and Milvus clusters (zilliz-secret-rotation)',
      runtime: Runtime.NODEJS_24_X,
      architecture: props.architecture ?? Architecture.ARM_64,
      timeout,
      memorySize,
      role: this.role,
      logGroup: this.logGroup,
      environment: {
        ...environment,
        ...(props.adminSecret && { ADMIN_SECRET_ARN: props.adminSecret.secretArn }),
      },
      ...networkOf(props),
      ...(props.reservedConcurrentExecutions !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      }),
    });
    this.#secretEnvironment = new SecretEnvironment(fn, props.secretNamePrefix, props.secretAccounts);
    this.function = fn;
    if (props.vpc) {
      denyNetworkInterfacesToCode(this, this.role, this.function);
    }
    this.#invokePermission = this.#allowInvocation('SecretsManagerMayInvoke', Aws.ACCOUNT_ID);
    for (const account of props.secretAccounts ?? []) {
      this.#allowInvocation(`SecretsManagerOf${account}MayInvoke`, account);
    }
  }

  /**
   * Lets the function rotate one secret. {@link CredentialRotation} does this; call it for a schedule of your own.
   *
   * @param encryptionKey The customer managed key that encrypts the secret, if any.
   * @returns What the schedule must depend on: Secrets Manager tests the function as soon as it is told of it.
   */
  allowRotationOf(secret: ISecret, encryptionKey: IKey | undefined = secret.encryptionKey): IDependable[] {
    if (!Token.isUnresolved(secret.secretName)) {
      this.checkName(secret, secret.secretName);
    }
    this.#permissions.allow(secret, encryptionKey);
    this.#secretEnvironment.allow(secret);
    return [this.#invokePermission, this.role, ...this.#ways];
  }

  /**
   * Holds an existing secret to an endpoint, a user, or both: the endpoint is used when neither its value nor its tag names
   * one, and a value that names another endpoint or user is refused before any connection.
   */
  pin(scope: IConstruct, secret: ISecret, target: SecretTarget): void {
    if (target.endpoint !== undefined) {
      this.checkEndpoint(scope, target.endpoint);
    }
    this.#secretEnvironment.pin(scope, secret, target);
  }

  /** Refuses at synth an endpoint that the function would refuse at every rotation. */
  checkEndpoint(scope: IConstruct, endpoint: string): void {
    new CheckedProps(scope).endpoint('endpoint', endpoint, this.#endpointRules);
  }

  /** Refuses at synth a secret that the function has no permission for: each step of its rotation would be denied. */
  checkName(scope: IConstruct, name: string | undefined): void {
    const prefix = this.secretNamePrefix;
    if (prefix !== undefined && !name?.startsWith(prefix)) {
      throw new RotationPropsError(
        scope,
        `${name ?? 'A secret without a fixed name'} is outside of ${prefix}, which is all that this function may rotate. Name the secret so that it begins with ${prefix}, or give it to another RotationFunction.`,
      );
    }
  }

  /** What the ARNs of its secrets begin with. Complete only at synthesis: ask from within a `Lazy`. */
  get secretArnPrefixes(): string[] {
    return this.#permissions.arnPrefixes;
  }

  #allowInvocation(id: string, sourceAccount: string): CfnPermission {
    return new CfnPermission(this, id, {
      action: 'lambda:InvokeFunction',
      functionName: this.function.functionArn,
      principal: 'secretsmanager.amazonaws.com',
      // Without it, Secrets Manager would invoke the function for any account that names it (the confused deputy).
      sourceAccount,
    });
  }

  #validateSecrets(environment: Record<string, string>): string[] {
    const length = lengthOfPolicies(this);
    if (length > ROLE_POLICIES_LIMIT) {
      return [
        `${this.#permissions.count} secrets share this function, the policies of its role would be ${length} characters, and IAM takes ${ROLE_POLICIES_LIMIT}. Begin the names of the secrets with the same folder and give it as secretNamePrefix, or make another RotationFunction for some of them.`,
      ];
    }
    const problem = environmentProblem(environment, this.#secretEnvironment.size);
    return problem === undefined ? [] : [problem];
  }
}
