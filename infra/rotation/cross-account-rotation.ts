import { Aws } from 'aws-cdk-lib';
import { ArnPrincipal, type Grant, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ROTATION_ACTIONS } from '../../protocol/secret/rotated-secrets.ts';
import { KEY_ACTIONS, viaSecretsManager } from '../function/customer-managed-key.ts';
import { checkProps, type PropFields, RotationPropsError, refuseProp } from '../rules/check-props.ts';
import { checkFunctionPlace, checkRegion, differ, FUNCTION_ARN, ROLE_ARN } from '../rules/location.ts';
import { endpoint, NEW_SECRET_NAME, USERNAME } from '../rules/shared-fields.ts';
import { addRotationSchedule } from './add-rotation-schedule.ts';
import { checkUniqueCredential, checkUniqueSecret } from './check-unique.ts';
import type { CredentialRotationProps } from './credential-rotation-props.ts';
import { grantConsume } from './grants.ts';
import { newCredentialSecret } from './new-credential-secret.ts';

export interface CrossAccountRotationProps
  extends Pick<CredentialRotationProps, 'schedule' | 'rotateImmediatelyOnUpdate'> {
  /** Name of the secret. The stack of the function needs the name too. */
  readonly secretName: string;

  /** Endpoint of the cluster: `https://host[:port]`. The function must allow its host. */
  readonly endpoint: string;

  /** The cluster user. */
  readonly username: string;

  /**
   * Customer managed key of the secret. This app must create it, because the construct adds a
   * statement to its policy. Another account cannot use the AWS managed key `aws/secretsmanager`.
   */
  readonly encryptionKey: IKey;

  /** ARN of the function in the other account: `rotationFunction.function.functionArn`. */
  readonly functionArn: string;

  /**
   * ARN of the role of that function: `rotationFunction.role.roleArn`. The role must exist before
   * the deployment.
   */
  readonly roleArn: string;
}

const FIELDS: PropFields = {
  secretName: NEW_SECRET_NAME,
  endpoint: endpoint(),
  username: USERNAME,
  functionArn: FUNCTION_ARN,
  roleArn: ROLE_ARN,
};

/**
 * A new secret that a {@link RotationFunction} of another account rotates. That function needs
 * `secretAccounts` and a call of `allowRotationOf`. docs/fleets.md has the order of the
 * deployments.
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
    checkProps(this, props, FIELDS);
    const { encryptionKey } = props;
    checkFunctionPlace(this, props.functionArn, 'other');
    this.#rejectOtherRole(props);
    checkRegion(this, ['encryptionKey'], encryptionKey);
    checkUniqueCredential(this, props);
    this.secret = newCredentialSecret(this, props);
    checkUniqueSecret(this, this.secret);
    const principals = [new ArnPrincipal(props.roleArn)];
    this.secret.addToResourcePolicy(
      new PolicyStatement({ principals, actions: [...ROTATION_ACTIONS], resources: ['*'] }),
    );
    this.#allowKey(props, principals);
    addRotationSchedule(this, { ...props, secret: this.secret, dependencies: [this.secret, encryptionKey] });
  }

  /**
   * Allows an application in the account of the secret to read the credential, as
   * {@link CredentialRotation.grantConsume} does.
   */
  grantConsume(grantee: IGrantable): Grant {
    return grantConsume(this, grantee, { secret: this.secret });
  }

  #rejectOtherRole({ functionArn, roleArn }: CrossAccountRotationProps): void {
    const [ofFunction, ofRole] = [functionArn, roleArn].map((arn) => arn.split(':')[4]);
    if (differ(ofFunction, ofRole)) {
      const rule = `The role is in account ${ofRole}, but the function is in account ${ofFunction}. Give the role of the function: rotationFunction.role.roleArn.`;
      refuseProp(this, ['roleArn'], roleArn, rule);
    }
  }

  #allowKey({ encryptionKey, secretName }: CrossAccountRotationProps, principals: ArnPrincipal[]): void {
    const statement = new PolicyStatement({
      principals,
      actions: [...KEY_ACTIONS],
      resources: ['*'],
      // The ARN would be a cyclic reference, because the secret depends on its key.
      conditions: viaSecretsManager(
        `arn:${Aws.PARTITION}:secretsmanager:${Aws.REGION}:${Aws.ACCOUNT_ID}:secret:${secretName}-??????`,
      ),
    });
    if (!encryptionKey.addToResourcePolicy(statement, true).statementAdded) {
      throw new RotationPropsError(
        this,
        'The key policy must allow the role of the function, but this app cannot change the policy of an imported key. Create the key in this app: new Key(this, ...).',
      );
    }
  }
}
