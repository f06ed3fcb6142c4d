import { Aspects } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/**
 * Examples are for Zilliz Cloud. Deployed here, their functions may talk to this machine only: those whose secrets name a cluster
 * elsewhere refuse it before any connection.
 */
export function allowThisMachineOnly(scope: IConstruct): void {
  Aspects.of(scope).add({
    visit: (node) => {
      if (node instanceof CfnFunction && node.description?.startsWith('Rotates credentials') === true) {
        node.addPropertyOverride('Environment.Variables.ALLOWED_ENDPOINTS', '127.0.0.1');
      }
    },
  });
}
