import { App } from 'aws-cdk-lib';
import { bothAccounts } from '../../../examples/cdk/function-in-another-account.ts';
import { allowThisMachineOnly } from './this-machine-only.ts';

const app = new App();
bothAccounts(app);
allowThisMachineOnly(app);
