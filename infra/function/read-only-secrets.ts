import { Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { WRITE_ACTIONS } from '../../protocol/secret/rotated-secrets.ts';
import { RotationPropsError } from '../rules/check-props.ts';
import { checkRegion } from '../rules/location.ts';
import { customerManagedKey, READ_KEY_ACTIONS, viaSecretsManager } from './customer-managed-key.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import { arnPattern, isBelow, isSameSecret, secretNameOf } from './secret-names.ts';

/** A secret that the function only reads, and never rotates. */
export interface ReadOnlySecret {
  readonly secret: ISecret;
  readonly name: string;
}

const READ_ONLY = [
  { prop: 'adminSecret', name: 'admin secret' },
  { prop: 'managerSecret', name: 'manager secret' },
] as const;

/** @throws RotationPropsError for a secret that AWS or the role could not only read. */
export function readOnlySecrets(scope: IConstruct, props: RotationFunctionProps): readonly ReadOnlySecret[] {
  const { secretNamePrefix } = props;
  return READ_ONLY.flatMap(({ prop, name }) => {
    const secret = props[prop];
    checkRegion(scope, [prop], secret);
    if (secret && secretNamePrefix !== undefined && isBelow(secretNamePrefix, secret, scope)) {
      throw new RotationPropsError(
        scope,
        `The ${name} ${secretNameOf(secret)} is below secretNamePrefix ${secretNamePrefix}, so the role of ` +
          `the function could change it. Keep the ${name} outside of the prefix, or give another prefix.`,
      );
    }
    return secret ? [{ name, secret }] : [];
  });
}

/** @throws RotationPropsError if the function would rotate a secret that it only reads. */
export function refuseRotationOf(scope: IConstruct, secret: ISecret, readOnly: readonly ReadOnlySecret[]): void {
  const same = readOnly.find((other) => isSameSecret(secret, other.secret));
  if (same) {
    throw new RotationPropsError(
      scope,
      `The ${same.name} ${secretNameOf(secret)} cannot be one of the rotated secrets, because the function only reads ` +
        `it. Give another ${same.name}, or use another RotationFunction for this secret.`,
    );
  }
}

/**
 * Allows the role to read the secret and denies it every change. Without the denial, the role
 * could change a secret that is below the name prefix but whose name is unknown at synth.
 */
export function allowOnlyReading(role: IRole, secret: ISecret): void {
  const resources = [arnPattern(secret)];
  const key = secret.encryptionKey && customerManagedKey(secret, secret.encryptionKey);
  for (const statement of [
    { actions: ['secretsmanager:GetSecretValue'], resources },
    { effect: Effect.DENY, actions: [...WRITE_ACTIONS], resources },
    ...(key
      ? [{ actions: [...READ_KEY_ACTIONS], resources: [key.keyArn], conditions: viaSecretsManager(resources) }]
      : []),
  ]) {
    role.addToPrincipalPolicy(new PolicyStatement(statement));
  }
}
