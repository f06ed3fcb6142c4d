import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { sentLabel } from '../../protocol/secret/versions.ts';

/**
 * One step of `init`. If the command stops, the next command plans again from what is stored and
 * accepted, so it can repeat a step.
 */
export type InitStep =
  | {
      readonly kind: 'create-secret';
      readonly username: string;
      readonly value: string;
      readonly kmsKey: string | undefined;
    }
  /**
   * Stores a credential and moves AWSCURRENT to it. `from`: the version that has AWSCURRENT now,
   * whose password the cluster rejects. `undefined`: the secret has no value.
   */
  | {
      readonly kind: 'store-current';
      readonly username: string;
      readonly value: string;
      readonly from: string | undefined;
    }
  /** A version that an interrupted command has stored. */
  | { readonly kind: 'promote'; readonly credentials: Credentials; readonly to: string; readonly from: string }
  /** Stores a version without a label of AWS, so that AWSCURRENT does not move. */
  | { readonly kind: 'store-other'; readonly username: string; readonly value: string }
  | { readonly kind: 'add-sent-label'; readonly username: string; readonly versionId: string }
  | { readonly kind: 'create-user'; readonly credentials: Credentials }
  | { readonly kind: 'grant-roles'; readonly username: string; readonly roles: readonly string[] };

/**
 * A step as text.
 *
 * @param adminSecret of the steps that an admin carries out
 */
export function describeStep(step: InitStep, secretId: string, adminSecret: string | undefined): string {
  switch (step.kind) {
    case 'create-secret':
      return `Create the secret ${secretId} with the credential of ${step.username}${step.kmsKey === undefined ? '' : `, encrypted with the key ${step.kmsKey}`}`;
    case 'store-current':
      return step.from === undefined
        ? `Store the credential of ${step.username} as AWSCURRENT`
        : `Store the credential of ${step.username}, then move AWSCURRENT to it from version ${step.from}, whose password the cluster rejects`;
    case 'promote':
      return `Move AWSCURRENT from version ${step.from} to version ${step.to}, which the cluster accepts`;
    case 'store-other':
      return `Store the credential of ${step.username} as a version with a sent label. AWSCURRENT stays`;
    case 'add-sent-label':
      return `Add the label ${sentLabel(step.versionId)}, so that Secrets Manager keeps the credential of ${step.username}`;
    case 'create-user':
      return `Create ${step.credentials.username} at ${step.credentials.endpoint.url} with the credential in ${adminSecret ?? ''}`;
    case 'grant-roles':
      return `Grant ${step.roles.join(', ')} to ${step.username}`;
  }
}
