import { readFileSync } from 'node:fs';
import { App, Aspects, type Stack } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CustomerKeyStack } from '../../../examples/cdk/customer-key.ts';
import { ExistingSecretsStack } from '../../../examples/cdk/existing-secrets.ts';
import { fleet } from '../../../examples/cdk/fleet.ts';
import { FromAwsTemplateStack } from '../../../examples/cdk/from-aws-template.ts';
import { FromTerraformStack } from '../../../examples/cdk/from-terraform.ts';
import { NewSecretStack } from '../../../examples/cdk/new-secret.ts';
import { OwnAlarmsTopicStack } from '../../../examples/cdk/own-alarms-topic.ts';
import { SelfHostedStack } from '../../../examples/cdk/self-hosted.ts';

/**
 * The examples that need no second account, as they stand, in one app; private-link.ts is not among them, whose rules between security
 * groups the emulator's CloudFormation refuses.
 */
const app = new App();
const context = (key: string): string => String(app.node.getContext(key));

const onZillizCloud: Stack[] = [
  new NewSecretStack(app, 'NewSecret'),
  new ExistingSecretsStack(app, 'ExistingSecrets', { searchArn: context('searchArn') }),
  new OwnAlarmsTopicStack(app, 'OwnAlarmsTopic', { topicArn: context('topicArn') }),
  new CustomerKeyStack(app, 'CustomerKey'),
  new FromAwsTemplateStack(app, 'FromAwsTemplate'),
  new FromTerraformStack(app, 'FromTerraform'),
  ...fleet(app),
];
new SelfHostedStack(app, 'SelfHosted', {
  endpoint: context('endpoint'),
  certificateAuthority: readFileSync(context('caFile'), 'utf8'),
});

// Their functions may talk to this machine only: those whose secrets name a cluster elsewhere refuse it before any connection.
for (const stack of onZillizCloud) {
  Aspects.of(stack).add({
    visit: (node) => {
      if (node instanceof CfnFunction && node.description?.startsWith('Rotates credentials') === true) {
        node.addPropertyOverride('Environment.Variables.ALLOWED_ENDPOINTS', '127.0.0.1');
      }
    },
  });
}
