import { App } from 'aws-cdk-lib';
import { RotationPipeline } from '../../../examples/organisation/pipeline.ts';
import { readConfiguration } from '../../../infra/index.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../../../local/cloud/access.ts';

const app = new App();
const [names = '', config = ''] = ['accounts', 'config'].map((key) => String(app.node.getContext(key)));
new RotationPipeline(app, 'Pipeline', {
  env: { account: LOCAL_ACCOUNT, region: LOCAL_REGION },
  connectionArn: `arn:aws:codeconnections:${LOCAL_REGION}:${LOCAL_ACCOUNT}:connection/example`,
  accounts: names.split(',').map((account) => ({
    name: `Account${account}`,
    env: { account, region: LOCAL_REGION },
    configuration: readConfiguration(config),
  })),
});
