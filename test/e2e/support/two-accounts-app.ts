import { App, Aspects } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { bothAccounts } from '../../../examples/cdk/function-in-another-account.ts';

const app = new App();
bothAccounts(app);
// The function of the example refuses every cluster outside of Zilliz Cloud.
Aspects.of(app).add({
  visit: (node) => {
    if (node instanceof CfnFunction && node.description?.startsWith('Rotates credentials') === true) {
      node.addPropertyOverride('Environment.Variables.ALLOWED_ENDPOINTS', '127.0.0.1');
    }
  },
});
