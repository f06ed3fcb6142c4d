import { Aspects } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/**
 * Sets the allowed endpoint of all rotation functions to this machine. The functions of the
 * examples then refuse every cluster of Zilliz Cloud before any connection. Removes the URL of an
 * interface endpoint, because no server of the emulator has that name.
 */
export function allowThisMachineOnly(scope: IConstruct): void {
  Aspects.of(scope).add({
    visit: (node) => {
      if (node instanceof CfnFunction && node.description?.startsWith('Rotates credentials') === true) {
        node.addPropertyOverride('Environment.Variables.ALLOWED_ENDPOINTS', '127.0.0.1');
        node.addPropertyDeletionOverride('Environment.Variables.AWS_ENDPOINT_URL_SECRETS_MANAGER');
      }
    },
  });
}
