import { Annotations } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import { type SecretTarget, usersOf } from '../../protocol/secret/rotated-secrets.ts';
import { RotationPropsError } from '../rules/check-props.ts';
import { checkRegion } from '../rules/location.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';
import { isBelow, isSameSecret, nameOf } from './secret-names.ts';
import type { SecretPins } from './secret-pins.ts';

/** A secret that the function only reads, and never rotates. */
export interface ReadOnlySecret {
  readonly secret: ISecret;
  readonly name: string;
  /** The environment variable with its ARN. */
  readonly variable: string;
  /** Whether the function ever reads it for a secret with these pins. */
  isUsedFor(target: SecretTarget): boolean;
  readonly unused: { readonly id: string; readonly advice: string };
}

const ADMIN: Omit<ReadOnlySecret, 'secret'> = {
  name: 'admin secret',
  variable: 'ADMIN_SECRET_ARN',
  isUsedFor: (target) => target.endpoint !== undefined && usersOf(target).length > 0,
  unused: {
    id: 'unusedAdminSecret',
    advice: 'no secret is pinned to both endpoint and username. Give both to the secrets of this function',
  },
};

const MANAGER: Omit<ReadOnlySecret, 'secret'> = {
  name: 'manager secret',
  variable: 'MANAGER_SECRET_ARN',
  isUsedFor: needsManager,
  unused: {
    id: 'unusedManagerSecret',
    advice: 'no secret has apiKeyId. Give it to each secret of this function that holds an API key',
  },
};

export const READ_ONLY_VARIABLES: readonly string[] = [ADMIN.variable, MANAGER.variable];

/** Whether the function creates and deletes API keys for a secret with these pins. */
export function needsManager({ apiKeyId }: SecretTarget): boolean {
  return apiKeyId !== undefined;
}

export function readOnlySecrets({ adminSecret, managerSecret }: RotationFunctionProps): readonly ReadOnlySecret[] {
  return [
    ...(adminSecret ? [{ ...ADMIN, secret: adminSecret }] : []),
    ...(managerSecret ? [{ ...MANAGER, secret: managerSecret }] : []),
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
        `The ${name} ${nameOf(secret)} is below secretNamePrefix ${secretNamePrefix}, so the role of ` +
          `the function could change it. Keep the ${name} outside of the prefix, or give another prefix.`,
      );
    }
  }
  if (adminSecret && managerSecret && isSameSecret(adminSecret, managerSecret)) {
    throw new RotationPropsError(
      scope,
      `The manager secret ${nameOf(managerSecret)} cannot be the admin secret too. An admin changes passwords on one cluster, and the manager key creates API keys. Store each in a secret of its own.`,
    );
  }
}

/** @throws RotationPropsError if the function would rotate a secret that it only reads. */
export function refuseRotationOf(scope: IConstruct, secret: ISecret, readOnly: readonly ReadOnlySecret[]): void {
  const same = readOnly.find((other) => isSameSecret(secret, other.secret));
  if (same) {
    throw new RotationPropsError(
      scope,
      `The ${same.name} ${nameOf(secret)} cannot be one of the rotated secrets, because the function only reads ` +
        `it. Give another ${same.name}, or use another RotationFunction for this secret.`,
    );
  }
}

/** Call it at synthesis, when every secret is pinned. */
export function warnOfUnused(scope: IConstruct, readOnly: readonly ReadOnlySecret[], pins: SecretPins): void {
  for (const { name, isUsedFor, unused } of readOnly) {
    if (!pins.some(isUsedFor)) {
      Annotations.of(scope).addWarningV2(
        `zilliz-secret-rotation:${unused.id}`,
        `The function never uses its ${name}, because ${unused.advice}, or remove the ${name}.`,
      );
    }
  }
}
