import { Annotations, Token } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct, IConstruct, IDependable } from 'constructs';
import type { Pins } from '../../protocol/secret/rotated-secrets.ts';
import { checkProps, RotationPropsError } from '../rules/check-props.ts';
import { FUNCTION_FIELDS } from '../rules/function-fields.ts';
import type { FunctionSettings } from '../rules/function-settings.ts';
import { checkFunctionPlace, FUNCTION_ARN } from '../rules/location.ts';
import { customerManagedKey, KEY_ACTIONS, viaSecretsManager } from './customer-managed-key.ts';
import { checkSecretRegion } from './function-checks.ts';
import { RotationFunctionBase } from './rotation-function-base.ts';
import { arnPattern, secretNameOf } from './secret-names.ts';

/** A deployed rotation function. Synth applies its settings, so repeat those of its app. */
export interface RotationFunctionAttributes
  extends Pick<
    FunctionSettings,
    | 'secretNamePrefix'
    | 'clusterEndpoint'
    | 'allowedEndpoints'
    | 'allowPlaintext'
    | 'strategy'
    | 'minimumGapMinutes'
    | 'rotatedEvents'
  > {
  /** ARN of the function, in the account and region of the stack: the output of its app. */
  readonly functionArn: string;

  /**
   * The role of the function: `Role.fromRoleArn(…)`. It gets the permission for the customer
   * managed keys of the secrets, unless it is imported with `mutable: false`.
   *
   * @default - the app of the function must allow the keys, as `secretKeys`
   */
  readonly role?: IRole;
}

/**
 * This app cannot change the configuration of the function (its pins), nor its role without `role`.
 * A warning at synth says what the app of the function must then do.
 */
export class ImportedRotationFunction extends RotationFunctionBase {
  readonly function: IFunction;
  readonly #role: IRole | undefined;
  readonly #sendsEvents: boolean;

  constructor(scope: Construct, id: string, attrs: RotationFunctionAttributes) {
    super(scope, id, attrs);
    checkProps(this, attrs, { ...FUNCTION_FIELDS, functionArn: FUNCTION_ARN });
    checkFunctionPlace(this, attrs.functionArn, 'own');
    this.#role = attrs.role;
    this.#sendsEvents = attrs.rotatedEvents === true;
    this.function = LambdaFunction.fromFunctionAttributes(this, 'Function', {
      functionArn: attrs.functionArn,
      // The schedule requires this. With it, CDK can add permissions also in a stack without env.
      sameEnvironment: true,
      ...(attrs.role && { role: attrs.role }),
    });
  }

  allowRotationOf(secret: ISecret, encryptionKey?: IKey): IDependable[] {
    checkSecretRegion(this, secret, encryptionKey);
    const given = encryptionKey ?? secret.encryptionKey;
    const key = given && customerManagedKey(secret, given);
    const needsKey = key !== undefined && !this.#allowKey(secret, key);
    if (this.secretNamePrefix === undefined) {
      const withKey = needsKey ? ', key' : '';
      this.#warn(secret, 'importedFunctionNeedsSecret', `call allowRotationOf(${this.#sourceOf(secret)}${withKey})`);
    } else {
      const name = secretNameOf(secret);
      const isKnown = !Token.isUnresolved(name);
      if (isKnown) {
        this.checkName(secret, name);
      }
      if (needsKey) {
        const what = `give the key of ${isKnown ? name : 'this secret'} to the function as secretKeys`;
        this.#warn(secret, 'importedFunctionNeedsKey', what);
      }
    }
    // The deployed function already permits Secrets Manager of its account to invoke it.
    return this.#role ? [this.#role] : [];
  }

  pin(scope: IConstruct, secret: ISecret, target: Pins): void {
    this.checkEndpoint(scope, target.endpoint);
    const pins = Object.entries(target).flatMap(([pin, value]: [string, unknown]) => {
      const isUnknown = [value].flat().some((each) => Token.isUnresolved(each));
      return value === undefined ? [] : `'${pin}':${isUnknown ? pin : JSON.stringify(value).replaceAll('"', "'")}`;
    });
    this.#warn(secret, 'importedFunctionNeedsPin', `call pin(this, ${this.#sourceOf(secret)}, {${pins.join()}})`);
  }

  sendRotatedEvents(scope: IConstruct): void {
    if (!this.#sendsEvents) {
      this.#warn(
        scope,
        'importedFunctionNeedsEvents',
        'give rotatedEvents: true to the function, and also to fromRotationFunctionAttributes',
      );
    }
  }

  /** Whether the role of the function may use the key. */
  #allowKey(secret: ISecret, key: IKey): boolean {
    const statement = new PolicyStatement({
      actions: [...KEY_ACTIONS],
      resources: [key.keyArn],
      conditions: viaSecretsManager(arnPattern(secret)),
    });
    return this.#role?.addToPrincipalPolicy(statement).statementAdded === true;
  }

  #warn(scope: IConstruct, id: string, what: string): void {
    Annotations.of(scope).addWarningV2(
      `zilliz-secret-rotation:${id}`,
      `This app imports the rotation function, so it cannot change the function. In the app of the function, ${what}. Deploy that app first.`,
    );
  }

  /** The secret as the app of the function can name it. */
  #sourceOf(secret: ISecret): string {
    const name = secretNameOf(secret);
    if (Token.isUnresolved(name)) {
      throw new RotationPropsError(
        secret,
        'The app of the function must name the secret, but only the deployment knows its name. Give secretName to a new secret, or write the name of an existing secret as text.',
      );
    }
    return `Secret.fromSecretNameV2(this, 'Secret', '${name}')`;
  }
}
