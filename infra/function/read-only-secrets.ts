import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { RotationPropsError } from '../rules/check-props.ts';
import { checkRegion } from '../rules/location.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import { isBelow, isSameSecret, secretNameOf } from './secret-names.ts';

/** A secret that the function only reads, and never rotates. */
export interface ReadOnlySecret {
  readonly secret: ISecret;
  readonly name: string;
  /** The environment variable with its ARN. */
  readonly variable: string;
}

const ADMIN_VARIABLE = 'ADMIN_SECRET_ARN';

const MANAGER_VARIABLE = 'MANAGER_SECRET_ARN';

export const READ_ONLY_VARIABLES: readonly string[] = [ADMIN_VARIABLE, MANAGER_VARIABLE];

export function readOnlySecrets({ adminSecret, managerSecret }: RotationFunctionProps): readonly ReadOnlySecret[] {
  return [
    ...(adminSecret ? [{ name: 'admin secret', variable: ADMIN_VARIABLE, secret: adminSecret }] : []),
    ...(managerSecret ? [{ name: 'manager secret', variable: MANAGER_VARIABLE, secret: managerSecret }] : []),
  ];
}

/** @throws RotationPropsError for a secret that AWS or the role could not only read. */
export function checkReadOnlySecrets(scope: IConstruct, props: RotationFunctionProps): void {
  const { adminSecret, managerSecret, secretNamePrefix } = props;
  checkRegion(scope, ['adminSecret'], adminSecret);
  checkRegion(scope, ['managerSecret'], managerSecret);
  for (const { name, secret } of readOnlySecrets(props)) {
    if (secretNamePrefix !== undefined && isBelow(secretNamePrefix, secret, scope)) {
      throw new RotationPropsError(
        scope,
        `The ${name} ${secretNameOf(secret)} is below secretNamePrefix ${secretNamePrefix}, so the role of ` +
          `the function could change it. Keep the ${name} outside of the prefix, or give another prefix.`,
      );
    }
  }
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
