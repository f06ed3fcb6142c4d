import { sentLabel } from '../../protocol/secret/versions.ts';
import type { InitStep } from './plan.ts';

/**
 * One step as text.
 *
 * @param adminSecret of the steps that an admin carries out
 */
export function describeStep(step: InitStep, secretId: string, adminSecret: string | undefined): string {
  switch (step.kind) {
    case 'create-secret':
      return `Create the secret ${secretId} with the credential of ${step.username}${step.kmsKeyArn === undefined ? '' : `, encrypted with the key ${step.kmsKeyArn}`}`;
    case 'store-current':
      return step.from === undefined
        ? `Store the credential of ${step.username} as AWSCURRENT`
        : `Store the credential of ${step.username}, then move AWSCURRENT to it from version ${step.from}, whose password is not in force`;
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
    case 'add-entry':
      return `Add the entry of the secret to ${step.path}`;
  }
}
