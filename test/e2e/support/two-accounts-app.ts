import { App, Aspects } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { bothAccounts } from '../../../examples/cdk/function-in-another-account.ts';

const app = new App();
bothAccounts(app);
// The function of the example refuses every cluster outside of Zilliz Cloud, and every other user.
Aspects.of(app).add({
  visit: (node) => {
    if (node instanceof CfnFunction && node.description?.startsWith('Rotates credentials') === true) {
      node.addPropertyOverride('Environment.Variables.ALLOWED_ENDPOINTS', '127.0.0.1');
    }
    if (node instanceof CfnSecret && node.name?.startsWith('zilliz-rotation-pins/') === true) {
      node.addPropertyOverride('SecretString', '{"111122223333:milvus/orders":{}}');
    }
  },
});
