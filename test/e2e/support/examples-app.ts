import { readFileSync } from 'node:fs';
import { App, type Stack } from 'aws-cdk-lib';
import { CustomerKeyStack } from '../../../examples/cdk/customer-key.ts';
import { DeployedFunctionStack } from '../../../examples/cdk/deployed-function.ts';
import { ExistingSecretsStack } from '../../../examples/cdk/existing-secrets.ts';
import { fleet } from '../../../examples/cdk/fleet.ts';
import { FromAwsTemplateStack } from '../../../examples/cdk/from-aws-template.ts';
import { FromTerraformStack } from '../../../examples/cdk/from-terraform.ts';
import { NewSecretStack } from '../../../examples/cdk/new-secret.ts';
import { OwnAlarmsTopicStack } from '../../../examples/cdk/own-alarms-topic.ts';
import { SelfHostedStack } from '../../../examples/cdk/self-hosted.ts';
import { RotationStack } from '../../../infra/stack/rotation-stack.ts';
import { allowThisMachineOnly } from './this-machine-only.ts';

/**
 * The unchanged examples in one app. alternating-users.test.ts rotates two users, and
 * two-accounts.test.ts deploys the example that needs a second account. No test deploys
 * private-link.ts, because the emulator has no network.
 */
const app = new App();
const context = (key: string): string => String(app.node.getContext(key));

const fleetStacks = fleet(app);
/** The function of the fleet may rotate every secret below milvus/. */
const fleetFunction = fleetStacks.find((stack) => stack instanceof RotationStack)?.rotationFunction.function;

const onZillizCloud: Stack[] = [
  new NewSecretStack(app, 'NewSecret'),
  new ExistingSecretsStack(app, 'ExistingSecrets', { searchArn: context('searchArn') }),
  new OwnAlarmsTopicStack(app, 'OwnAlarmsTopic', { topicArn: context('topicArn') }),
  new CustomerKeyStack(app, 'CustomerKey'),
  new FromAwsTemplateStack(app, 'FromAwsTemplate'),
  new FromTerraformStack(app, 'FromTerraform'),
  ...fleetStacks,
  new DeployedFunctionStack(app, 'DeployedFunction', { functionArn: fleetFunction?.functionArn ?? '' }),
];
new SelfHostedStack(app, 'SelfHosted', {
  endpoint: context('endpoint'),
  certificateAuthority: readFileSync(context('caFile'), 'utf8'),
});

for (const stack of onZillizCloud) {
  allowThisMachineOnly(stack);
}
