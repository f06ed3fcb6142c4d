import { readdirSync } from 'node:fs';
import type { Construct } from 'constructs';
import { expect, test } from 'vitest';
import { CustomerKeyStack } from '../../examples/cdk/customer-key.ts';
import { ExistingSecretsStack } from '../../examples/cdk/existing-secrets.ts';
import { fleet } from '../../examples/cdk/fleet.ts';
import { FromAwsTemplateStack } from '../../examples/cdk/from-aws-template.ts';
import { FromTerraformStack } from '../../examples/cdk/from-terraform.ts';
import { bothAccounts } from '../../examples/cdk/function-in-another-account.ts';
import { NewSecretStack } from '../../examples/cdk/new-secret.ts';
import { OwnAlarmsTopicStack } from '../../examples/cdk/own-alarms-topic.ts';
import { PrivateLinkStack } from '../../examples/cdk/private-link.ts';
import { SelfHostedStack } from '../../examples/cdk/self-hosted.ts';
import { findingsIn } from './nag.ts';
import { appWithoutBundles } from './templates.ts';

const EXAMPLES: Record<string, (scope: Construct) => unknown> = {
  'customer-key.ts': (scope) => new CustomerKeyStack(scope, 'Example'),
  'existing-secrets.ts': (scope) =>
    new ExistingSecretsStack(scope, 'Example', {
      searchArn: 'arn:aws:secretsmanager:us-west-2:123456789012:secret:shop/search-Ab12Cd',
    }),
  'fleet.ts': fleet,
  'from-aws-template.ts': (scope) => new FromAwsTemplateStack(scope, 'Example'),
  'from-terraform.ts': (scope) => new FromTerraformStack(scope, 'Example'),
  'function-in-another-account.ts': bothAccounts,
  'new-secret.ts': (scope) => new NewSecretStack(scope, 'Example'),
  'own-alarms-topic.ts': (scope) =>
    new OwnAlarmsTopicStack(scope, 'Example', { topicArn: 'arn:aws:sns:us-west-2:123456789012:oncall' }),
  'private-link.ts': (scope) => new PrivateLinkStack(scope, 'Example'),
  'self-hosted.ts': (scope) => new SelfHostedStack(scope, 'Example'),
};

test.each(Object.entries(EXAMPLES))(
  'the example %s synthesizes, with its schedules, and cdk-nag finds nothing',
  (_, build) => {
    const app = appWithoutBundles();
    build(app);
    expect(findingsIn(app)).toEqual([]);
    const templates = JSON.stringify(app.synth().stacks.map(({ template }) => template as unknown));
    expect(templates).toContain('AWS::SecretsManager::RotationSchedule');
  },
);

test('no example is left out', () => {
  const files = readdirSync(new URL('../../examples/cdk', import.meta.url)).filter((file) => file.endsWith('.ts'));
  expect(Object.keys(EXAMPLES).toSorted()).toEqual(files.toSorted());
});
