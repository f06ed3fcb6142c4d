import { Annotations, Aspects, Aws, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { type IManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  CfnPermission,
  type IFunction,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IConstruct, type IDependable } from 'constructs';
import { type EndpointRules, ZILLIZ_CLOUD_DOMAINS } from '../../cluster/endpoint.ts';
import type { SecretTarget } from '../../secret/rotated-secrets.ts';
import { DEFAULT_MINIMUM_GAP_MINUTES, type StrategyName } from '../../secret/rotation-strategy.ts';
import { RotationPropsError } from '../errors.ts';
import { CheckedProps } from '../rules/checked-props.ts';
import { DEFAULT_MEMORY_MB, rotationRulesEnvironment } from '../rules/function-settings.ts';
import { addTags } from '../tags.ts';
import { ClusterPrivateLink } from './cluster-private-link.ts';
import { checkFunctionProps } from './function-checks.ts';
import { functionCode } from './function-code.ts';
import { environmentProblem, inlinePoliciesProblem } from './function-limits.ts';
import { allowNetworkInterfaces, denyNetworkInterfacesToCode } from './function-network.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import { SecretEnvironment } from './secret-environment.ts';
import { isSameSecret, nameOf } from './secret-identity.ts';
import { SecretPermissions } from './secret-permissions.ts';

/**
 * The Lambda function that rotates credentials of Zilliz Cloud and Milvus clusters. Secrets with
 * the same rules can share a function. Its role permits only the secrets that are passed to it.
 * Only Secrets Manager of its own account, and of `secretAccounts`, may invoke it.
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
  readonly logEncryptionKey: IKey | undefined;
  readonly architecture: Architecture;
  readonly timeout: Duration;
  readonly permissionsBoundary: IManagedPolicy | undefined;
  readonly secretNamePrefix: string | undefined;
  /** The strategy of a secret that names none. */
  readonly strategy: StrategyName;
  readonly minimumGapMinutes: number;
  readonly #endpointRules: EndpointRules;
  readonly #adminSecret: ISecret | undefined;
  readonly #permissions: SecretPermissions;
  readonly #secretEnvironment: SecretEnvironment;
  readonly #invokePermission: CfnPermission;
  readonly #privateLinks: readonly ClusterPrivateLink[];

  constructor(scope: Construct, id: string, props: RotationFunctionProps = {}) {
    super(scope, id);
    const { secretNamePrefix, timeout = Duration.seconds(60), permissionsBoundary, secretAccounts = [] } = props;
    checkFunctionProps(this, props);
    addTags(this, props.tags);
    this.secretNamePrefix = secretNamePrefix;
    this.strategy = props.strategy ?? 'single-user';
    this.minimumGapMinutes = props.minimumGapMinutes ?? DEFAULT_MINIMUM_GAP_MINUTES;
    this.timeout = timeout;
    this.architecture = props.architecture ?? Architecture.ARM_64;
    this.logEncryptionKey = props.logEncryptionKey;
    this.permissionsBoundary = permissionsBoundary;
    this.#endpointRules = {
      allowed: props.allowedEndpoints ?? ZILLIZ_CLOUD_DOMAINS,
      allowPlaintext: props.allowPlaintext ?? false,
    };
    this.#adminSecret = props.adminSecret;
    this.#privateLinks = (props.securityGroups ?? [])
      .map(({ node }) => node.scope)
      .filter((scope) => scope instanceof ClusterPrivateLink);
    this.logGroup = new LogGroup(this, 'LogGroup', {
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: props.logRemovalPolicy ?? RemovalPolicy.RETAIN,
      ...(props.logEncryptionKey && { encryptionKey: props.logEncryptionKey }),
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'Rotates credentials of Zilliz Cloud and Milvus clusters',
      ...(permissionsBoundary && { permissionsBoundary }),
    });
    // AWSLambdaBasicExecutionRole would allow writing to every log group of the account.
    this.logGroup.grantWrite(this.role);
    this.#permissions = new SecretPermissions(this.role, secretNamePrefix);
    for (const key of props.secretKeys ?? []) {
      this.#permissions.allowKeyOfFolder(key);
    }
    if (props.adminSecret) {
      this.#permissions.allowOnlyReading(props.adminSecret);
    }
    if (props.vpc) {
      allowNetworkInterfaces(this.role);
    }
    const secretsManagerUrl = this.#privateLinks.find((link) => link.secretsManagerUrl)?.secretsManagerUrl;
    const rules = {
      ...rotationRulesEnvironment(props),
      ...(props.adminSecret && { ADMIN_SECRET_ARN: props.adminSecret.secretArn }),
      ...(secretsManagerUrl !== undefined && { AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManagerUrl }),
    };
    const fn = new LambdaFunction(this, 'Function', {
      ...functionCode('rotation'),
      description: 'Rotates credentials of Zilliz Cloud and Milvus clusters (zilliz-secret-rotation)',
      runtime: Runtime.NODEJS_24_X,
      architecture: this.architecture,
      timeout,
      memorySize: props.memorySize ?? DEFAULT_MEMORY_MB,
      role: this.role,
      logGroup: this.logGroup,
      environment: rules,
      ...(props.vpc && { vpc: props.vpc }),
      ...(props.vpcSubnets && { vpcSubnets: props.vpcSubnets }),
      ...(props.securityGroups && { securityGroups: props.securityGroups }),
      ...(props.reservedConcurrentExecutions !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      }),
    });
    this.function = fn;
    if (props.vpc) {
      denyNetworkInterfacesToCode(this, this.role, fn);
    }
    this.#secretEnvironment = new SecretEnvironment(fn, secretNamePrefix, secretAccounts);
    this.node.addValidation({ validate: () => this.#exceededLimits(rules) });
    Aspects.of(this).add({ visit: (node) => node === this && this.#warnOfUnusedAdminSecret() });
    this.#invokePermission = this.#allowInvocation('SecretsManagerMayInvoke', Aws.ACCOUNT_ID);
    for (const account of secretAccounts) {
      this.#allowInvocation(`SecretsManagerOf${account}MayInvoke`, account);
    }
  }

  /**
   * Allows the function to rotate a secret. {@link CredentialRotation} calls this method. Call it
   * yourself for a schedule that you create in another way.
   *
   * @param encryptionKey Customer managed key of the secret, if it has one.
   * @returns Dependencies for the schedule: Secrets Manager tests the function when it stores the
   * schedule.
   * @throws RotationPropsError if the secret is outside `secretNamePrefix`, or is the admin
   * secret.
   */
  allowRotationOf(secret: ISecret, encryptionKey: IKey | undefined = secret.encryptionKey): IDependable[] {
    if (!Token.isUnresolved(secret.secretName)) {
      this.checkName(secret, secret.secretName);
    }
    if (this.#adminSecret && isSameSecret(secret, this.#adminSecret)) {
      throw new RotationPropsError(
        this,
        `The admin secret ${nameOf(secret)} cannot be one of the rotated secrets, because the function only reads it. Give another admin secret, or use another RotationFunction for this secret.`,
      );
    }
    this.#permissions.allow(secret, encryptionKey);
    this.#secretEnvironment.allow(secret);
    return [this.#invokePermission, this.role, ...this.#privateLinks];
  }

  /**
   * Pins an existing secret to an endpoint, a user, or both, or to an endpoint and the two users
   * that take turns. The function uses this endpoint if neither the value nor the tag
   * `zilliz:endpoint` of the secret names an endpoint. If the value names another endpoint or
   * user, the function fails before it connects.
   *
   * @throws RotationPropsError if the function does not allow the endpoint, if a username is
   * invalid, or if the name of the secret is unknown at synth.
   */
  pin(scope: IConstruct, secret: ISecret, target: SecretTarget): void {
    if (target.endpoint !== undefined) {
      this.checkEndpoint(scope, target.endpoint);
    }
    this.#secretEnvironment.pinExisting(scope, secret, target);
  }

  /**
   * Pins a secret that {@link CredentialRotation} creates, if two users take turns, or if the
   * function has an admin secret, because it uses the admin secret only for pinned secrets. With
   * `secretNamePrefix`, there is no pin for a secret of another stack, because a new secret must
   * not change the function.
   *
   * @throws RotationPropsError if the two users cannot be pinned.
   */
  pinNew(secret: ISecret, target: SecretTarget): void {
    const mayChange = this.secretNamePrefix === undefined || Stack.of(this) === Stack.of(secret);
    if (target.usernames && !mayChange) {
      throw new RotationPropsError(
        secret,
        'With secretNamePrefix, the function does not pin a new secret of another stack, and alternating-users needs a pin. Create the secret in the stack of the function, or give the function no secretNamePrefix.',
      );
    }
    if ((this.#adminSecret || target.usernames) && mayChange) {
      this.#secretEnvironment.pin(secret, target);
    }
  }

  /** @throws RotationPropsError if the function would reject the endpoint at every rotation. */
  checkEndpoint(scope: IConstruct, endpoint: string): void {
    new CheckedProps(scope).endpoint('endpoint', endpoint, this.#endpointRules);
  }

  /**
   * @throws RotationPropsError if the name is outside `secretNamePrefix`, so that every step would
   * be denied.
   */
  checkName(scope: IConstruct, name: string | undefined): void {
    const prefix = this.secretNamePrefix;
    if (prefix !== undefined && !name?.startsWith(prefix)) {
      throw new RotationPropsError(
        scope,
        `${name ?? 'A secret without a fixed name'} is outside ${prefix}, but the function may rotate only secrets whose name begins with ${prefix}. Rename the secret, or use another RotationFunction.`,
      );
    }
  }

  /** The value of `ROTATED_SECRETS` as a token: the secrets of the function. */
  get rotatedSecrets(): string {
    return this.#secretEnvironment.rotatedSecrets;
  }

  /** Prefixes of the ARNs of its secrets. Complete only at synthesis, so read them in a `Lazy`. */
  get secretArnPrefixes(): string[] {
    return this.#permissions.arnPrefixes;
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

  #warnOfUnusedAdminSecret(): void {
    if (this.#adminSecret && !this.#secretEnvironment.hasCompletePin) {
      Annotations.of(this).addWarningV2(
        'zilliz-secret-rotation:unusedAdminSecret',
        'The function never uses its admin secret, because no secret is pinned to both endpoint and username. Give both to the secrets of this function, or remove the admin secret. With secretNamePrefix, a new secret of another stack is not pinned.',
      );
    }
  }

  #exceededLimits(rules: Record<string, string>): string[] {
    const problem =
      inlinePoliciesProblem(this, this.#permissions.count) ??
      environmentProblem(this, rules, this.#secretEnvironment.variables);
    return problem === undefined ? [] : [problem];
  }
}
