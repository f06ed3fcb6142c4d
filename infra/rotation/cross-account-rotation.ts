import { Aws, Duration, Token } from 'aws-cdk-lib';
import { ArnPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { RotationPropsError } from '../errors.ts';
import { KEY_ACTIONS, ROTATION_ACTIONS } from '../function/secret-permissions.ts';
import { endpointFormProblem } from '../rules/endpoint-problem.ts';
import { newCredentialSecret } from './new-credential-secret.ts';
import { RotationSchedule } from './rotation-schedule.ts';
import { secretSchedule } from './secret-schedule.ts';

export interface CrossAccountRotationProps {
  /** Name of the secret, which the function's account must know beforehand. */
  readonly secretName: string;

  /** The cluster: `https://host[:port]`. It must be among the endpoints that the function allows. */
  readonly endpoint: string;

  /** The cluster user. */
  readonly username: string;

  /**
   * The customer managed key that encrypts the secret, made in this app: its policy gets a statement. AWS's own key
   * `aws/secretsmanager` cannot be used from another account.
   */
  readonly encryptionKey: IKey;

  /** ARN of the function in the other account: `rotationFunction.function.functionArn`. */
  readonly functionArn: string;

  /** ARN of the role of that function: `rotationFunction.role.roleArn`. It must exist before this is deployed. */
  readonly roleArn: string;

  /**
   * When to rotate.
   *
   * @default RotationSchedule.rate(Duration.days(30))
   */
  readonly schedule?: RotationSchedule;

  /**
   * Rotate as soon as the schedule is deployed or changed.
   *
   * @default false
   */
  readonly rotateImmediatelyOnUpdate?: boolean;
}

/**
 * A new secret that a {@link RotationFunction} of another account rotates. The other side is `secretAccounts` and
 * `allowRotationOf` of that function; docs/multi-account.md has the order of the deployments.
 *
 * @example
 * new CrossAccountRotation(this, 'Orders', {
 *   secretName: 'milvus/orders',
 *   endpoint: 'https://in01-0123456789abcde.aws-us-west-2.vectordb.zillizcloud.com:19530',
 *   username: 'orders',
 *   encryptionKey,
 *   functionArn: 'arn:aws:lambda:us-west-2:444455556666:function:rotation',
 *   roleArn: 'arn:aws:iam::444455556666:role/rotation',
 * });
 */
export class CrossAccountRotation extends Construct {
  readonly secret: ISecret;

  constructor(scope: Construct, id: string, props: CrossAccountRotationProps) {
    super(scope, id);
    const problem = Token.isUnresolved(props.endpoint) ? undefined : endpointFormProblem(props.endpoint);
    if (problem !== undefined) {
      throw new RotationPropsError(this, problem);
    }
    const secret = newCredentialSecret(this, {
      ...props,
      description: undefined,
      removalPolicy: undefined,
      replicaRegions: undefined,
    });
    const principals = [new ArnPrincipal(props.roleArn)];
    secret.addToResourcePolicy(new PolicyStatement({ principals, actions: [...ROTATION_ACTIONS], resources: ['*'] }));
    this.#allowKey(props, principals);
    const schedule = secretSchedule(this, {
      secret: secret as ISecret,
      functionArn: props.functionArn,
      schedule: props.schedule ?? RotationSchedule.rate(Duration.days(30)),
      rotateImmediatelyOnUpdate: props.rotateImmediatelyOnUpdate ?? false,
    });
    // Secrets Manager tests the function as soon as it is told of it.
    schedule.node.addDependency(secret, props.encryptionKey);
    this.secret = secret as ISecret;
  }

  #allowKey({ encryptionKey, secretName }: CrossAccountRotationProps, principals: ArnPrincipal[]): void {
    const statement = new PolicyStatement({
      principals,
      actions: [...KEY_ACTIONS],
      resources: ['*'],
      conditions: {
        StringEquals: { 'kms:ViaService': `secretsmanager.${Aws.REGION}.${Aws.URL_SUFFIX}` },
        // By name: the secret needs its key first, so the policy of the key cannot ask for the ARN of the secret.
        StringLike: {
          'kms:EncryptionContext:SecretARN': `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:${secretName}-??????`,
        },
      },
    });
    if (!encryptionKey.addToResourcePolicy(statement, true).statementAdded) {
      throw new RotationPropsError(
        this,
        'The policy of the key must let the function in, and that of an imported key is not for this app to write. Make the key here: new Key(this, ...).',
      );
    }
  }
}
