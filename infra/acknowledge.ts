import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Acknowledges a finding of cdk-nag 3 or a warning of the CDK. The older of the supported releases
 * of the CDK have no `Validations`, and cdk-nag 3 does not run with them.
 */
export function acknowledge(scope: IConstruct, finding: { readonly id: string; readonly reason: string }): void {
  const validations: typeof Validations | undefined = Validations;
  validations?.of(scope).acknowledge(finding);
}
